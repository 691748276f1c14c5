"""From what is needed (machines, racks, sites, workloads) to clusters, their sizes and their places, each decision with
its rule; or why there is no such plan. Pure: a plan is a function of its needs."""
