"""What money over time is worth: present values, rates of return, payments."""
