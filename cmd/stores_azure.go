//go:build azure

package cmd

// Azure's client adds 1.5 MB to a binary: it is in those that are built with the tag azure.
import _ "github.com/rondo-ml/rondo/data/objects/azure"
