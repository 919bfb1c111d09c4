"""Where customers meet an assistant: the widget, signed webhooks, and the robots of messengers."""
