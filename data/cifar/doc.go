// Package cifar reads the binary files of CIFAR-10 and CIFAR-100.
//
// A file is records without a header: one byte of class (CIFAR-100: a byte of superclass, then one of class), then 32×32
// pixels, all red ones, then all green ones, then all blue ones. Which of the two it is, its length tells.
package cifar
