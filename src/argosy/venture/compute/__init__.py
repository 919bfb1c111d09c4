"""What training and serving take: operations, memory, time, money, energy."""
