// The seed's approach: its own statement on pgxpool, the whole snapshot each turn. One goroutine a writer. pgx prepares
// the statement by itself on each connection. The documents are ready made as JSON text, so nothing is spent on encoding.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v4/pgxpool"
)

var (
	dsn         = flag.String("dsn", "", "")
	workload    = flag.String("workload", "small", "")
	mode        = flag.String("mode", "save", "")
	writers     = flag.Int("writers", 1, "")
	connections = flag.Int("connections", 8, "")
	seconds     = flag.Float64("seconds", 3, "")
	warmup      = flag.Float64("warmup", 0.5, "")
	operations  = flag.Int64("ops", 0, "")
	events      = flag.Int("events", 1000, "")
	sessions    = flag.Int("sessions", 0, "")
	file        = flag.String("file", "", "")
	table       = flag.String("table", "peer_sessions", "")
	hold        = flag.Bool("hold", false, "")
)

type session struct {
	id      string
	version int64
	source  []string // conversations
	said    int
	history []byte // open: without the last bracket
	renewed int
}

type source struct {
	sessions      []session
	conversations [][]string
	past          []byte // the long history, open
	smallEvent    string
	next          []int
}

func fatal(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "pgx:", err)
		os.Exit(1)
	}
}

func idOf(number int) string { return fmt.Sprintf("atto-bench:peer:%08d", number) }

func stateOf(turns int64) string { return fmt.Sprintf(`{"last_role":"user","turns":%d}`, turns) }

func add(open []byte, event string) []byte {
	if len(open) == 0 {
		open = append(open, '[')
	} else {
		open = append(open, ',')
	}
	return append(open, event...)
}

// An event a line; an empty line ends a conversation.
func read(path string) [][]string {
	in, err := os.Open(path)
	fatal(err)
	defer in.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 64<<20)
	all := [][]string{nil}
	for lines.Scan() {
		if lines.Text() != "" {
			all[len(all)-1] = append(all[len(all)-1], lines.Text())
		} else if all[len(all)-1] != nil {
			all = append(all, nil)
		}
	}
	fatal(lines.Err())
	if all[len(all)-1] == nil {
		all = all[:len(all)-1]
	}
	return all
}

func sessionsOf() int {
	switch {
	case *sessions != 0:
		return *sessions
	case *workload == "conversations" && *writers > 160:
		return *writers
	case *workload == "conversations":
		return 160
	case *workload == "long" && *events > 2000:
		return 100
	case *workload == "long" && *events > 200:
		return 200000 / *events
	}
	return 1000
}

func newSource() *source {
	s := &source{sessions: make([]session, sessionsOf()), next: make([]int, *writers)}
	text := strings.Repeat("The quick brown fox jumps over the lazy dog. ", 22)[:1024-40-28]
	s.smallEvent = `{"role":"user","content":"` + text + `"}`
	if *file != "" {
		s.conversations = read(*file)
	}
	for w := range s.next {
		s.next[w] = w
	}
	for i := range s.sessions {
		s.sessions[i].id = idOf(i)
		if *workload == "conversations" {
			s.sessions[i].source = s.conversations[i%len(s.conversations)]
		}
	}
	if *workload == "long" {
		for i := 0; i < *events; i++ {
			s.past = add(s.past, s.conversations[0][i%len(s.conversations[0])])
		}
	}
	return s
}

// A write of version 1; nothing when the session has yet to begin.
func (s *source) prepare(i int) (id string, state string, history []byte) {
	x := &s.sessions[i]
	if *workload == "conversations" {
		x.said = i * 7919 % len(x.source)
		for k := 0; k < x.said; k++ {
			x.history = add(x.history, x.source[k])
		}
		if x.said == 0 {
			return
		}
		x.version = 1
		return x.id, stateOf(int64(x.said)), append(x.history[:len(x.history):len(x.history)], ']')
	}
	x.version = 1
	if s.past != nil {
		return x.id, stateOf(1), append(s.past[:len(s.past):len(s.past)], ']')
	}
	return x.id, stateOf(1), []byte("[" + s.smallEvent + "]")
}

func (s *source) turn(writer int) (id string, version int64, state string, history []byte) {
	i := s.next[writer]
	s.next[writer] = i + *writers
	if s.next[writer] >= len(s.sessions) {
		s.next[writer] = writer
	}
	x := &s.sessions[i]
	if *workload == "conversations" {
		if x.said == len(x.source) {
			x.renewed++
			*x = session{id: idOf(i + x.renewed*len(s.sessions)), source: x.source, renewed: x.renewed}
		}
		x.history = add(x.history, x.source[x.said])
		x.said++
		x.version++
		return x.id, x.version, stateOf(int64(x.said)), append(x.history[:len(x.history):len(x.history)], ']')
	}
	x.version++
	state = stateOf(int64(*events) + x.version)
	if s.past == nil {
		return x.id, x.version, state, []byte("[" + s.smallEvent + "]")
	}
	event := s.conversations[0][int(x.version)%100%len(s.conversations[0])]
	history = make([]byte, 0, len(s.past)+len(event)+2)
	history = append(append(append(append(history, s.past...), ','), event...), ']')
	return x.id, x.version, state, history
}

type log struct {
	micros       []int64
	payload      int
	acknowledged int64
}

func connect(ctx context.Context) *pgxpool.Pool {
	config, err := pgxpool.ParseConfig(*dsn)
	fatal(err)
	config.MaxConns = int32(*connections)
	pool, err := pgxpool.ConnectConfig(ctx, config)
	fatal(err)
	_, err = pool.Exec(ctx, "CREATE TABLE IF NOT EXISTS "+*table+` (session_id text PRIMARY KEY, version bigint NOT NULL,
		state jsonb NOT NULL, history jsonb NOT NULL, updated_at timestamptz NOT NULL DEFAULT now())`)
	fatal(err)
	return pool
}

func main() {
	flag.Parse()
	ctx := context.Background()
	pool := connect(ctx)
	sql := "INSERT INTO " + *table + ` AS t (session_id, version, state, history) VALUES ($1, $2, $3, $4)
		ON CONFLICT (session_id) DO UPDATE SET version = EXCLUDED.version, state = EXCLUDED.state,
		history = EXCLUDED.history, updated_at = now() WHERE t.version < EXCLUDED.version`
	save := func(id string, version int64, state string, history []byte) {
		done, err := pool.Exec(ctx, sql, id, version, state, history)
		fatal(err)
		if done.RowsAffected() != 1 {
			fatal(fmt.Errorf("concurrent write of %s", id))
		}
	}

	turns := newSource()
	logs := make([]log, *writers)
	var all sync.WaitGroup
	for w := 0; w < *writers; w++ {
		all.Add(1)
		go func(w int) {
			defer all.Done()
			for i := w; i < len(turns.sessions); i += *writers {
				if id, state, history := turns.prepare(i); id != "" {
					save(id, 1, state, history)
					logs[w].acknowledged++
				}
			}
		}(w)
	}
	all.Wait()
	if *hold {
		fmt.Println("ready")
		bufio.NewReader(os.Stdin).ReadString('\n')
	}

	from := time.Now()
	until := from.Add(24 * time.Hour)
	if *operations == 0 {
		from = from.Add(time.Duration(*warmup * float64(time.Second)))
		until = from.Add(time.Duration(*seconds * float64(time.Second)))
	}
	var begun int64
	for w := 0; w < *writers; w++ {
		all.Add(1)
		go func(w int) {
			defer all.Done()
			for started := time.Now(); started.Before(until); {
				if *operations != 0 && atomic.AddInt64(&begun, 1) > *operations {
					return
				}
				id, version, state, history := turns.turn(w)
				save(id, version, state, history)
				ended := time.Now()
				logs[w].acknowledged++
				if !ended.Before(from) && !ended.After(until) {
					logs[w].micros = append(logs[w].micros, ended.Sub(started).Microseconds())
					logs[w].payload += len(state) + len(history)
				}
				started = ended
			}
		}(w)
	}
	all.Wait()
	if *operations != 0 {
		until = time.Now()
	}
	print(logs, until.Sub(from).Seconds())
}

func print(logs []log, took float64) {
	var sum log
	for _, l := range logs {
		sum.micros = append(sum.micros, l.micros...)
		sum.payload += l.payload
		sum.acknowledged += l.acknowledged
	}
	sort.Slice(sum.micros, func(i, k int) bool { return sum.micros[i] < sum.micros[k] })
	percentile := func(percent int) int64 { // nearest rank, as atto bench counts
		if len(sum.micros) == 0 {
			return 0
		}
		rank := (len(sum.micros)*percent + 99) / 100
		if rank < 1 {
			rank = 1
		}
		return sum.micros[rank-1]
	}
	fmt.Printf(`{"program":"pgx","workload":"%s","mode":"save","writers":%d,"connections":%d,"events":%d,"ops":%d,`+
		`"seconds":%.3f,"ops_per_second":%.1f,"p50_us":%d,"p90_us":%d,"p99_us":%d,"max_us":%d,"payload_bytes":%d,`+
		`"acknowledged":%d}`+"\n", *workload, *writers, *connections, *events, len(sum.micros), took,
		float64(len(sum.micros))/took, percentile(50), percentile(90), percentile(99), percentile(100), sum.payload,
		sum.acknowledged)
}
