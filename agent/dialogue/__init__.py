"""What a message does in a conversation: its acts, and the person's case."""
