//go:build tools

// Package tools names the programs of this module, so that go.sum holds all they need.
package tools

import (
	_ "sigs.k8s.io/kwok/cmd/kwok"
)
