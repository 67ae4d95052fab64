"""What a build consists of: each step a pure function of what it names, so that its result can be kept."""
