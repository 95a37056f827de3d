"""Amazon ECS: what is asked of a cluster, when a rollout is over, and the way back."""
