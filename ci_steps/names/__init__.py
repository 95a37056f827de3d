"""What a release is called everywhere: tag in git, tag and labels of the image, the dictionary."""
