package allreduce

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// tcpInfo asks for TCP_INFO (tcp(7)).
func tcpInfo(conn *net.TCPConn) (info LinkInfo, told bool) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return info, false
	}
	err = raw.Control(func(fd uintptr) {
		tcp, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		if told = err == nil; told {
			info = LinkInfo{RTT: time.Duration(tcp.Rtt) * time.Microsecond, Deviation: time.Duration(tcp.Rttvar) * time.Microsecond, Retransmits: int64(tcp.Total_retrans)}
		}
	})
	return info, told && err == nil
}
