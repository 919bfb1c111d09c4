"""What training and serving take: operations, memory, machines, time, money and energy."""
