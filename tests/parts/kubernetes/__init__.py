"""A real API server with its controllers, and what stands in for the machines of a cluster."""
