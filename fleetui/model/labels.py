"""Labels of Kubernetes' own that more than one room reads or writes."""

ROLE_PREFIX = "node-role.kubernetes.io/"
"""Before the name of a role; kubectl prints these as ROLES."""
CONTROL_PLANE_ROLE = f"{ROLE_PREFIX}control-plane"
ZONE_LABEL = "topology.kubernetes.io/zone"
"""The failure domain of a node: its rack, where racks are labelled so (the default of requirement B7)."""
