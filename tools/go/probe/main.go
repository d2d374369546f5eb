// The one program of the probe and pause images: it holds a pod's namespaces, serves ports that say who answers, and tries connections.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

const usage = `usage: probe pause
       probe serve <name> (tcp|udp):<port>...
       probe try            attempts as JSON on standard input, outcomes as JSON on standard output`

func main() {
	if len(os.Args) < 2 {
		fail(usage)
	}
	switch os.Args[1] {
	case "pause":
		pause()
	case "serve":
		serve(os.Args[2:])
	case "try":
		try()
	default:
		fail(usage)
	}
}

func fail(message any) {
	fmt.Fprintln(os.Stderr, message)
	os.Exit(2)
}

// pause waits for the end. Children of other containers become its own where a pod shares process ids; waiting for them frees their entries.
func pause() {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}

// serve answers on every port with the name, so that whoever connects knows whom he reached.
func serve(args []string) {
	if len(args) < 2 {
		fail(usage)
	}
	name := []byte(args[0])
	for _, address := range args[1:] {
		protocol, port, found := strings.Cut(address, ":")
		switch {
		case found && protocol == "tcp":
			listener, err := net.Listen("tcp", ":"+port)
			if err != nil {
				fail(err)
			}
			go serveTCP(listener, name)
		case found && protocol == "udp":
			connection, err := net.ListenPacket("udp", ":"+port)
			if err != nil {
				fail(err)
			}
			go serveUDP(connection, name)
		default:
			fail(usage)
		}
	}
	fmt.Println("serving", strings.Join(args[1:], " "))
	pause()
}

func serveTCP(listener net.Listener, name []byte) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			fail(err)
		}
		go func() {
			defer connection.Close()
			_ = connection.SetDeadline(time.Now().Add(5 * time.Second))
			_, _ = connection.Write(name)
		}()
	}
}

func serveUDP(connection net.PacketConn, name []byte) {
	buffer := make([]byte, 512)
	for {
		_, from, err := connection.ReadFrom(buffer)
		if err != nil {
			continue
		}
		_, _ = connection.WriteTo(name, from)
	}
}

// attempt is a connection to try. Host is an address or a name.
type attempt struct {
	Protocol string `json:"protocol"`
	Host     string `json:"host"`
	Port     int    `json:"port"`
	// Silent servers say nothing first: for them a TCP connection alone counts as open.
	Silent bool `json:"silent"`
}

// outcome of an attempt: "open" with what the server said, "refused", "timeout", "unresolved" (the name), or "error" with the reason.
type outcome struct {
	Result string `json:"result"`
	Detail string `json:"detail,omitempty"`
}

const (
	patience = 3 * time.Second
	parallel = 32
)

func try() {
	var attempts []attempt
	if err := json.NewDecoder(os.Stdin).Decode(&attempts); err != nil {
		fail(err)
	}
	outcomes := make([]outcome, len(attempts))
	var group sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for index, wanted := range attempts {
		group.Add(1)
		slots <- struct{}{}
		go func() {
			defer func() { <-slots; group.Done() }()
			outcomes[index] = connect(wanted)
		}()
	}
	group.Wait()
	if err := json.NewEncoder(os.Stdout).Encode(outcomes); err != nil {
		fail(err)
	}
}

func connect(wanted attempt) outcome {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupIP(ctx, "ip4", wanted.Host)
	if err != nil {
		return outcome{"unresolved", err.Error()}
	}
	target := net.JoinHostPort(addresses[0].String(), strconv.Itoa(wanted.Port))
	dialer := net.Dialer{Timeout: patience}
	connection, err := dialer.DialContext(ctx, wanted.Protocol, target)
	if err != nil {
		return failed(err)
	}
	defer connection.Close()
	if wanted.Silent && wanted.Protocol == "tcp" {
		return outcome{Result: "open"}
	}
	_ = connection.SetDeadline(time.Now().Add(patience))
	if wanted.Protocol == "udp" {
		if _, err := connection.Write([]byte("?")); err != nil {
			return failed(err)
		}
	}
	said, err := readAll(connection, wanted.Protocol)
	if err != nil {
		return failed(err)
	}
	return outcome{"open", said}
}

func readAll(connection net.Conn, protocol string) (string, error) {
	if protocol == "udp" {
		buffer := make([]byte, 512)
		count, err := connection.Read(buffer)
		return string(buffer[:count]), err
	}
	said, err := io.ReadAll(io.LimitReader(connection, 512))
	return string(said), err
}

func failed(err error) outcome {
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return outcome{"refused", ""}
	case errors.As(err, &timeout) && timeout.Timeout():
		return outcome{"timeout", ""}
	default:
		return outcome{"error", err.Error()}
	}
}
