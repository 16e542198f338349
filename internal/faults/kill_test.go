package faults_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// jobVariable makes the test binary a process that writes until it is killed.
const jobVariable = "OMS_FAULTS_JOB"

// job is what such a process has to do: some writers, each telling one story after the
// other.
type job struct {
	Backend, DSN, Name string
	Writers            int
}

// story names the stories of one writer.
func (j *job) story(writer, no int) string { return fmt.Sprintf("story-%s-%d-%d", j.Name, writer, no) }

// ack is a line that the process prints once a command has returned.
type ack struct {
	Writer, Story, Step int
	Result              string
}

// work is the process. It ends early only by an error, or with the test that started it.
func work(text string) (code int) {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // open for as long as that test lives
		os.Exit(2)
	}()
	if err := workOn(context.Background(), text); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	return 1
}

func workOn(ctx context.Context, text string) error {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return err
	}
	b, err := backendNamed(j.Backend)
	if err != nil {
		return err
	}
	db, err := openPool(b, j.DSN)
	if err != nil {
		return err
	}
	s, _, err := b.shopOver(db)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for w := range j.Writers {
		go func() {
			for no := 0; ; no++ {
				err := tell(ctx, s.Engine, j.story(w, no), func(step int, result string) error {
					line, err := json.Marshal(ack{w, no, step, result})
					if err == nil {
						_, err = os.Stdout.Write(append(line, '\n')) // in one piece: it is shorter than a pipe's buffer
					}
					return err
				})
				if err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

// killed runs a job, kills it once a number of its commands have returned, and gives
// all that it acknowledged.
func killed(tb testing.TB, j job, after int, pause time.Duration) []ack {
	tb.Helper()
	text, err := json.Marshal(j)
	require.NoError(tb, err)
	self, err := os.Executable()
	require.NoError(tb, err)
	cmd := exec.CommandContext(tb.Context(), self)
	cmd.Env = append(os.Environ(), jobVariable+"="+string(text))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	require.NoError(tb, err)
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	require.NoError(tb, err)
	require.NoError(tb, cmd.Start())
	var kill sync.Once
	defer kill.Do(func() { _ = cmd.Process.Kill() })

	var acks []ack
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		var a ack
		require.NoError(tb, json.Unmarshal(lines.Bytes(), &a))
		acks = append(acks, a)
		if len(acks) == after {
			time.Sleep(pause)
			kill.Do(func() { require.NoError(tb, cmd.Process.Kill()) })
		}
	}
	require.NoError(tb, lines.Err())
	var exit *exec.ExitError
	require.ErrorAs(tb, cmd.Wait(), &exit)
	require.Equal(tb, -1, exit.ExitCode(), "it ended by the signal, not by itself: %s", stderr.String())
	return acks
}

// toll is what kills have cost.
type toll struct{ kills, acked, done, undone int }

func TestKilledProcessesLoseNothing(t *testing.T) {
	t.Parallel()
	const writers, perDatabase = 3, 25
	onBackends(t, func(t *testing.T, b backend) {
		var sum toll
		for total := times(t, 10); sum.kills < total; {
			killsOnOneDatabase(t, b, writers, min(perDatabase, total-sum.kills), &sum)
		}
		t.Logf("kill -9 on %s: %d processes with %d writers, %d acknowledged commands, 0 lost, 0 done twice; of those under way %d were done, %d were not",
			b.name, sum.kills, writers, sum.acked, sum.done, sum.undone)
		require.Positive(t, sum.acked)
	})
}

// killsOnOneDatabase has one process after the other begin where the last one died.
func killsOnOneDatabase(t *testing.T, b backend, writers, kills int, sum *toll) {
	t.Helper()
	dsn := b.blank(t)
	db := b.open(t, dsn)
	s := b.shop(t, db)
	s.furnish(t)
	album := s.album(t)
	stories := 1
	for n := range kills {
		require.NoError(t, db.Close()) // the process is alone, and leaves its database as it dies
		j := job{Backend: b.name, DSN: dsn, Name: fmt.Sprint("kill", n), Writers: writers}
		acks := killed(t, j, 1+rand.IntN(60), time.Duration(rand.IntN(4000))*time.Microsecond)
		db = b.open(t, dsn)
		s = b.shop(t, db)
		sum.kills++
		sum.acked += len(acks)
		s.verify(t)
		told := s.judge(t, &j, acks, album, sum)
		s.finish(t, told, album)
		stories += len(told)
	}
	s.verify(t)
	s.count(t, stories)
}

// judge compares what a killed process acknowledged with what is there, and gives the
// stories that it told or may have begun.
func (s *shop) judge(t *testing.T, j *job, acks []ack, album []string, sum *toll) (told []string) {
	t.Helper()
	acked := map[string][]string{}
	last := make([]int, j.Writers) // the story that each writer was in
	for _, a := range acks {
		name := j.story(a.Writer, a.Story)
		require.Len(t, acked[name], a.Step, "a writer tells a story step by step")
		acked[name] = append(acked[name], a.Result)
		if last[a.Writer] = a.Story; a.Step == len(steps)-1 {
			last[a.Writer]++
		}
	}
	for w := range j.Writers {
		for no := range last[w] + 1 {
			name := j.story(w, no)
			told = append(told, name)
			there := s.page(t, name)
			known := len(acked[name])
			require.GreaterOrEqual(t, len(there.results), known, "%s: no command that was acknowledged is lost", name)
			require.Equal(t, acked[name], append([]string(nil), there.results[:known]...), "%s: what was acknowledged is what is there", name)
			require.LessOrEqual(t, len(there.results), known+1, "%s: one command at a time", name)
			require.Equal(t, album[len(there.results)], there.picture, "%s: nothing is half done after %d commands", name, len(there.results))
			if no == last[w] {
				sum.done += len(there.results) - known
				sum.undone += known + 1 - len(there.results)
			}
		}
	}
	return told
}
