"""Who is hit by a change of a service, and by which path."""
