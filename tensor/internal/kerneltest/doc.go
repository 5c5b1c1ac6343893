// Package kerneltest has what the tests of tensor and those of its kernels share: reproducible values, memory with guard
// words around it, comparison bit for bit, every tier in turn, and speeds as a share of the ceiling. Tests alone import it.
package kerneltest
