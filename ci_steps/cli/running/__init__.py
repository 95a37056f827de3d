"""The pipeline of the service in this folder: whole, step by step, and what people answer for."""
