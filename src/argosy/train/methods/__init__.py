"""Ways to learn that change the loss, the batch or what trains; the loop stays one."""
