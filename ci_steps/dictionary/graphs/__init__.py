"""Who needs whom, as a picture and as text for other programs."""
