"""What an object file says of itself: its sections, symbols and exports."""
