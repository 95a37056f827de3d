"""What more than one probe reads: labels, containers and registers of services."""
