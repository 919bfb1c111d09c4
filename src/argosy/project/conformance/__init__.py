"""What every pluggable thing must keep to, asked of the built-in ones and of an extension's alike."""
