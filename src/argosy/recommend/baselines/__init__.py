"""The simple models that must be beaten, each with few settings that validation chooses; all score histories."""
