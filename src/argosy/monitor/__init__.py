"""From counts to alarms: usual courses, tests with a stated rate of false alarms, live quality, what to label next."""
