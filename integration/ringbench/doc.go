// Command ringbench measures the ring between processes: it starts n of itself,
// each a worker, joins them by the links that workers use, and prints a line for
// every size with the median time of the slowest worker and the bus bandwidth
// S/t · 2(n−1)/n, by which collectives are compared.
//
//	go run ./integration/ringbench -workers 2,4 -mib 0,1,16,64 -links shm,unix,tcp,tls
//
// Links: shm is a unix socket with memory shared beside it, as workers on one
// host use it; unix is the socket alone; tls is TCP with mutual TLS, as between
// hosts; tcp is the same without TLS, which no worker offers: it is there to be
// compared with gloo, which has none. Size 0 is 4 KiB.
//
// With -limit each of two workers lives in a network namespace of its own, on a
// line between them that takes so many Mbit/s each way (Linux, as root, with ip
// and tc). docs/bench/allreduce.sh runs it in turns with gloo.
package main
