//go:build !linux

package allreduce

import "net"

func tcpInfo(*net.TCPConn) (LinkInfo, bool) { return LinkInfo{}, false }
