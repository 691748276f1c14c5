"""What is wrong with a cluster, by name: the failure modes of every cluster, judged from what is seen."""
