"""What a message does in a conversation: its acts, the person's case, and what is asked for."""
