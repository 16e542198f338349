package engines

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// keeper is the folder of a server, and a process that watches over it: when the tests
// end, however they do, it stops the server and removes the folder.
type keeper struct {
	dir   string
	exec  *exec.Cmd
	stdin io.WriteCloser // the process lives until this is closed
	limit int64          // bytes that a file of the server may have; 0 for as many as there is room for
}

// patience is how long a server may take to start.
const patience = 90 * time.Second

// watch is the program of the process: it waits for the end of its input. If there was
// something in it the folder stays. A server that ignores the signal of its limit has
// its writes refused, as on a full disk.
const watch = `dir=$1; signal=$2; blocks=$3; shift 3
trap '' XFSZ; ulimit -S -f "$blocks"
"$@" >>"$dir/log" 2>&1 </dev/null &
server=$!
stay=
while read -r line; do stay=$line; done
kill -"$signal" $server
wait $server
[ -n "$stay" ] || rm -rf "$dir"`

func newKeeper(name string, durable bool) (*keeper, error) {
	parent := ""
	if !durable {
		parent = inMemory()
	}
	dir, err := os.MkdirTemp(parent, name)
	if err != nil {
		return nil, err
	}
	return &keeper{dir: dir}, own(dir)
}

// run runs a program to its end.
func (k *keeper) run(program string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...) //nolint:gosec // a binary that was looked for
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = k.dir, &out, &out
	unprivileged(cmd)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out.String())
	}
	return nil
}

// keep starts a server. The signal ends it.
func (k *keeper) keep(signal, program string, args ...string) error {
	blocks := "unlimited"
	if k.limit > 0 {
		blocks = strconv.FormatInt(k.limit/512, 10)
	}
	k.exec = exec.Command("sh", append([]string{"-c", watch, "sh", k.dir, signal, blocks, program}, args...)...) //nolint:gosec,noctx // likewise; it ends with its input
	k.exec.Dir = k.dir
	unprivileged(k.exec)
	var err error
	if k.stdin, err = k.exec.StdinPipe(); err != nil {
		return err
	}
	return k.exec.Start()
}

// pause ends the server and leaves its folder.
func (k *keeper) pause() {
	_, _ = io.WriteString(k.stdin, "stay\n")
	k.stop()
}

// stop ends the server and waits until it is gone.
func (k *keeper) stop() {
	_ = k.stdin.Close()
	_ = k.exec.Wait()
}

func (k *keeper) remove() error { return os.RemoveAll(k.dir) }

// ready waits until a server answers.
func (k *keeper) ready(ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			log, _ := os.ReadFile(filepath.Join(k.dir, "log"))
			k.stop()
			return fmt.Errorf("%w: %s", err, log)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// binaries finds the folder of a program: that of the path, or else the newest of some
// others.
func binaries(program string, folders ...string) (string, error) {
	if found, err := exec.LookPath(program); err == nil {
		if found, err = filepath.EvalSymlinks(found); err == nil {
			return filepath.Dir(found), nil
		}
	}
	var all []string
	for _, pattern := range folders {
		found, err := filepath.Glob(filepath.Join(pattern, program))
		if err != nil {
			return "", err
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		return "", fmt.Errorf("%w: %s, neither in the path nor in %s", errAbsent, program, strings.Join(folders, ", "))
	}
	return filepath.Dir(slices.Max(all)), nil
}

var versionNumber = regexp.MustCompile(`\d+(\.\d+)+`)

// shortVersion is the name and number in what a server says of itself.
func shortVersion(text string) string {
	name := "MySQL"
	for _, known := range []string{"PostgreSQL", "MariaDB", "CockroachDB", "TiDB"} {
		if strings.Contains(text, known) {
			name = known
		}
	}
	return name + " " + versionNumber.FindString(text)
}

var errUser = errors.New("engines: running as root, and there is no user nobody to run a server as")
