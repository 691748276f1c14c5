//go:build tools

// Package tools names the programs of this module, so that go.sum holds all they need.
package tools

import (
	_ "go.etcd.io/etcd/etcdctl/v3"
	_ "go.etcd.io/etcd/server/v3"
)
