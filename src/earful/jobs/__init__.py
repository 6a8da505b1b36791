"""Jobs: what a command, a page or a caller asks for, from input to output."""
