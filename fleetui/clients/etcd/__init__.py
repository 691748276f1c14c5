"""etcd's members, spoken to directly: JSON over HTTPS, the gateway that every member serves beside gRPC."""
