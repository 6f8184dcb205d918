#!/usr/bin/env python3
"""The engines that a city might install instead: SQLite FTS5 (trigram),
PostgreSQL full text over pairs of characters, Xapian with its own CJK
n-grams, and Groonga with pairs and positions, each used in the way its manual recommends for Chinese.

  rivals.py index ENGINE DIR DOCS.jsonl           make an index
  rivals.py rank  ENGINE DIR QUESTIONS.jsonl TOP   best TOP ids for each question
  rivals.py time  ENGINE DIR QUERIES.json WORKERS SECONDS [write]

A document is {"id", "title", "body", "organ", "year", "date"}. Each command
prints JSON. Needs Debian's python3-xapian, python3-psycopg2, postgresql-15, groonga-bin.
"""
import json, multiprocessing, os, re, resource, shutil, sqlite3, subprocess, sys, time

os.environ["XAPIAN_CJK_NGRAM"] = "1"

CHUNK = re.compile(r"[\u3400-\u9fff]+|[0-9a-z]+")


def pairs(text):
    """The pairs of neighbouring characters, and Latin words."""
    out = []
    for run in CHUNK.findall(text.lower()):
        if run[0] < "\u3400" or len(run) == 1:
            out.append(run)
        else:
            out.extend(run[i:i + 2] for i in range(len(run) - 1))
    return out


def docs(path):
    with open(path, encoding="utf-8") as f:
        for line in f:
            yield json.loads(line)


class SQLite:
    def __init__(self, dir):
        self.path = os.path.join(dir, "sqlite.db")

    def index(self, rows):
        if os.path.exists(self.path):
            os.remove(self.path)
        c = sqlite3.connect(self.path)
        c.execute("PRAGMA journal_mode=WAL")
        c.execute("CREATE TABLE d(id INTEGER PRIMARY KEY, title TEXT, body TEXT, organ TEXT, year INT, date INT)")
        c.execute("CREATE VIRTUAL TABLE f USING fts5(title, body, content='d', content_rowid='id', tokenize='trigram')")
        c.execute("CREATE INDEX d_date ON d(date)")
        for r in rows:
            self.put(c, r)
        c.commit()
        c.execute("INSERT INTO f(f) VALUES('optimize')")
        c.commit()
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        c.close()

    @staticmethod
    def put(c, r):
        v = (r["id"], r["title"], r["body"])
        c.execute("INSERT INTO d VALUES(?,?,?,?,?,?)", v + (r.get("organ", ""), r.get("year", 0), r.get("date", 0)))
        c.execute("INSERT INTO f(rowid, title, body) VALUES(?,?,?)", v)

    def size(self, text):
        return os.path.getsize(self.path) - text  # the text lies in the file too

    def open(self):
        self.c = sqlite3.connect(self.path, timeout=30)
        self.c.execute("PRAGMA mmap_size=4000000000")

    def write(self, r):
        self.put(self.c, r)
        self.c.commit()

    @staticmethod
    def quoted(word):
        return '"' + word.replace('"', "") + '"'

    def rank(self, question, top):
        grams = []
        for run in CHUNK.findall(question.lower()):
            grams += [run[i:i + 3] for i in range(max(1, len(run) - 2)) if len(run) >= 3]
        if not grams:
            return []
        q = " OR ".join(self.quoted(g) for g in dict.fromkeys(grams))
        return [r[0] for r in self.c.execute("SELECT rowid FROM f WHERE f MATCH ? ORDER BY bm25(f, 3, 1) LIMIT ?", (q, top))]

    def ask(self, kind, words):
        cols, where, args = "f.rowid", [], []
        long = [w for w in words if len(w) >= 3]
        if long:
            q = " AND ".join(self.quoted(w) for w in long)
            if kind == "typed":
                q = "title : (" + q + ")"
            where.append("f MATCH ?")
            args.append(q)
        for w in words:
            if len(w) < 3:  # too short for a trigram: the table is scanned
                where.append("f.title LIKE ?" if kind == "typed" else "(f.title LIKE ? OR f.body LIKE ?)")
                args += ["%" + w + "%"] * (1 if kind == "typed" else 2)
        cond = " AND ".join(where)
        if kind == "faceted":
            for f in ("organ", "year"):
                self.c.execute(f"SELECT d.{f}, count(*) FROM f JOIN d ON d.id = f.rowid WHERE {cond} GROUP BY 1", args).fetchall()
        order = "ORDER BY bm25(f, 3, 1)" if long else ""
        if kind == "by date":
            return self.c.execute(f"SELECT d.id FROM f JOIN d ON d.id = f.rowid WHERE {cond} ORDER BY d.date DESC LIMIT 20", args).fetchall()
        return self.c.execute(f"SELECT {cols} FROM f WHERE {cond} {order} LIMIT 20", args).fetchall()


class Postgres:
    bin = "/usr/lib/postgresql/15/bin/"

    def __init__(self, dir):
        self.dir = os.path.abspath(os.path.join(dir, "postgres"))

    def user(self, *cmd):
        if os.getuid() == 0:
            cmd = ("runuser", "-u", "postgres", "--") + cmd
        subprocess.run(cmd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp")

    def start(self):
        self.user(self.bin + "pg_ctl", "-D", self.dir, "-w", "-l", self.dir + "/log", "-o",
                  f"-k {self.dir} -h '' -c shared_buffers=512MB -c work_mem=64MB -c maintenance_work_mem=512MB -c jit=off", "start")

    def stop(self):
        self.user(self.bin + "pg_ctl", "-D", self.dir, "-m", "fast", "-w", "stop")

    def connect(self):
        import psycopg2
        return psycopg2.connect(host=self.dir, dbname="postgres", user="postgres")

    def index(self, rows):
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        if os.getuid() == 0:
            shutil.chown(self.dir, "postgres", "postgres")
        self.user(self.bin + "initdb", "-D", self.dir, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        self.start()
        try:
            c = self.connect()
            k = c.cursor()
            k.execute("CREATE TABLE d(id INT PRIMARY KEY, organ TEXT, year INT, date INT, title tsvector, body tsvector)")
            n = 0
            for r in rows:
                self.put(k, r)
                n += 1
                if n % 2000 == 0:
                    c.commit()
            k.execute("CREATE INDEX ON d USING gin(body) WITH (fastupdate=off)")
            k.execute("CREATE INDEX ON d USING gin(title) WITH (fastupdate=off)")
            k.execute("CREATE INDEX ON d(date)")
            c.commit()
            c.autocommit = True
            k.execute("VACUUM ANALYZE d")
            k.execute("SELECT pg_total_relation_size('d')")
            with open(os.path.join(os.path.dirname(self.dir), "postgres.size"), "w") as f:
                f.write(str(k.fetchone()[0]))
            c.close()
        finally:
            self.stop()

    @staticmethod
    def put(k, r):
        k.execute("INSERT INTO d VALUES(%s,%s,%s,%s,to_tsvector('simple',%s),setweight(to_tsvector('simple',%s),'A')||to_tsvector('simple',%s))",
                  (r["id"], r.get("organ", ""), r.get("year", 0), r.get("date", 0), " ".join(pairs(r["title"])), " ".join(pairs(r["title"])), " ".join(pairs(r["body"][:120000]))))

    def size(self, text):
        with open(os.path.join(os.path.dirname(self.dir), "postgres.size")) as f:
            return int(f.read())

    def open(self):
        self.c = self.connect()
        self.c.autocommit = True

    def write(self, r):
        self.put(self.c.cursor(), r)

    def rank(self, question, top):
        terms = dict.fromkeys(pairs(question))
        q = " | ".join("'" + t + "'" for t in terms)
        k = self.c.cursor()
        k.execute("SELECT id FROM d, to_tsquery('simple', %s) q WHERE body @@ q ORDER BY ts_rank(body, q, 1) DESC LIMIT %s", (q, top))
        return [r[0] for r in k.fetchall()]

    def ask(self, kind, words):
        join = " <-> " if kind == "phrase" else " & "
        q = " & ".join("(" + join.join("'" + t + "'" for t in pairs(w)) + ")" for w in words)
        col = "title" if kind == "typed" else "body"
        k = self.c.cursor()
        if kind == "faceted":
            for f in ("organ", "year"):
                k.execute(f"SELECT {f}, count(*) FROM d WHERE body @@ to_tsquery('simple', %s) GROUP BY 1", (q,))
                k.fetchall()
        order = "date DESC" if kind == "by date" else f"ts_rank({col}, q, 1) DESC"
        k.execute(f"SELECT id FROM d, to_tsquery('simple', %s) q WHERE {col} @@ q ORDER BY {order} LIMIT 20", (q,))
        return k.fetchall()


class Xapian:
    def __init__(self, dir):
        self.path = os.path.join(dir, "xapian")

    def index(self, rows):
        import xapian
        shutil.rmtree(self.path, ignore_errors=True)
        db = xapian.WritableDatabase(self.path, xapian.DB_CREATE_OR_OVERWRITE)
        for n, r in enumerate(rows, 1):
            self.put(db, r)
            if n % 5000 == 0:
                db.commit()
        db.commit()
        db.close()

    @staticmethod
    def put(db, r):
        import xapian
        g = xapian.TermGenerator()
        g.set_stemmer(xapian.Stem("en"))
        d = xapian.Document()
        g.set_document(d)
        g.index_text(r["title"], 3)
        g.index_text(r["title"], 1, "S")
        g.increase_termpos()
        g.index_text(r["body"])
        d.set_data(str(r["id"]))
        d.add_value(0, r.get("organ", ""))
        d.add_value(1, str(r.get("year", "")))
        d.add_value(2, xapian.sortable_serialise(r.get("date", 0)))
        db.add_document(d)

    def size(self, text):
        return sum(os.path.getsize(os.path.join(self.path, f)) for f in os.listdir(self.path))

    def open(self):
        import xapian
        self.x = xapian
        self.db = xapian.Database(self.path)
        self.parser = xapian.QueryParser()
        self.parser.set_stemmer(xapian.Stem("en"))
        self.parser.set_database(self.db)

    def write(self, r):
        if not hasattr(self, "w"):
            self.w = self.x.WritableDatabase(self.path, self.x.DB_OPEN)
        self.put(self.w, r)
        self.w.commit()

    def run(self, q, top, facets=False, by_date=False):
        e = self.x.Enquire(self.db)
        e.set_query(q)
        if by_date:
            e.set_sort_by_value(2, True)
        spies = []
        if facets:
            spies = [self.x.ValueCountMatchSpy(0), self.x.ValueCountMatchSpy(1)]
            for s in spies:
                e.add_matchspy(s)
        ids = [int(m.document.get_data()) for m in e.get_mset(0, top, self.db.get_doccount() if facets else 0)]
        for s in spies:
            list(s.values())
        return ids

    def rank(self, question, top):
        # Its parser wants every n-gram of a run; for a question any will do.
        g, d = self.x.TermGenerator(), self.x.Document()
        g.set_stemmer(self.x.Stem("en"))
        g.set_document(d)
        g.index_text(question)
        return self.run(self.x.Query(self.x.Query.OP_OR, [t.term for t in d]), top)

    def ask(self, kind, words):
        self.parser.set_default_op(self.x.Query.OP_AND)
        flags = self.x.QueryParser.FLAG_CJK_NGRAM | self.x.QueryParser.FLAG_PHRASE
        text = " ".join('"' + w + '"' for w in words) if kind == "phrase" else " ".join(words)
        while True:
            try:
                q = self.parser.parse_query(text, flags, "S" if kind == "typed" else "")
                return self.run(q, 20, kind == "faceted", kind == "by date")
            except self.x.DatabaseModifiedError:
                self.db.reopen()


class Groonga:
    """One table, pairs with positions, its query cache off, driven through the
    command's standard input: one JSON answer a line."""

    def __init__(self, dir):
        self.dir = os.path.join(dir, "groonga")
        self.path = os.path.join(self.dir, "db")

    def command(self, line):
        self.p.stdin.write(line.encode() + b"\n")
        self.p.stdin.flush()
        answer = json.loads(self.p.stdout.readline())
        if answer[0][0] != 0:
            raise RuntimeError(answer[0][3])
        return answer[1]

    def index(self, rows):
        shutil.rmtree(self.dir, ignore_errors=True)
        os.makedirs(self.dir)
        self.start("-n")
        for line in ("table_create D TABLE_NO_KEY", "column_create D id COLUMN_SCALAR UInt32", "column_create D title COLUMN_SCALAR ShortText",
                     "column_create D body COLUMN_SCALAR Text", "table_create O TABLE_HASH_KEY ShortText", "column_create D organ COLUMN_SCALAR O",
                     "column_create D year COLUMN_SCALAR UInt16", "column_create D date COLUMN_SCALAR Int32",
                     "table_create T TABLE_PAT_KEY ShortText --default_tokenizer TokenBigram --normalizer NormalizerAuto"):
            self.command(line)
        batch = []
        for r in rows:
            batch.append({"id": r["id"], "title": r["title"], "body": r["body"], "organ": r.get("organ", ""), "year": r.get("year", 0), "date": r.get("date", 0)})
            if len(batch) == 500:
                self.load(batch)
                batch = []
        self.load(batch)
        for field in ("title", "body"):
            self.command(f"column_create T by_{field} COLUMN_INDEX|WITH_POSITION D {field}")
        self.stop()

    def load(self, batch):
        if batch:
            self.command("load --table D --values '" + json.dumps(batch).replace("\\", "\\\\").replace("'", "\\'") + "'")

    def size(self, text):
        return sum(os.path.getsize(os.path.join(self.dir, f)) for f in os.listdir(self.dir)) - text  # the text lies in the file too

    def start(self, *how):
        self.p = subprocess.Popen(["groonga", *how, self.path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def stop(self):
        self.p.stdin.close()
        self.p.wait()

    def open(self):
        self.start()
        self.command("cache_limit 0")

    def write(self, r):
        self.load([r])

    @staticmethod
    def escaped(query):
        return query.replace("\\", "").replace("'", " ").replace('"', " ")

    def select(self, words, columns, sort, top, join, rest=""):
        query = join.join('"' + self.escaped(w) + '"' for w in words if w.strip())
        if not query:
            return []
        rows = self.command(f"select D --match_columns '{columns}' --query '{query}' --output_columns id --sort_keys {sort} --limit {top} {rest}")[0]
        return [r[0] for r in rows[2:]]

    both = "scorer_tf_idf(title)*3||scorer_tf_idf(body)"

    def rank(self, question, top):
        return self.select(dict.fromkeys(pairs(question)), self.both, "-_score", top, " OR ")

    def ask(self, kind, words):
        return self.select(words, "title" if kind == "typed" else self.both, "-date" if kind == "by date" else "-_score", 20, " ",
                           "--drilldown organ,year" if kind == "faceted" else "")


ENGINES = {"sqlite": SQLite, "postgres": Postgres, "xapian": Xapian, "groonga": Groonga}


def worker(engine, dir, queries, seconds, offset, out):
    e = ENGINES[engine](dir)
    e.open()
    times, i, end = [], offset, time.monotonic() + seconds
    while time.monotonic() < end:
        q = queries[i % len(queries)]
        t = time.perf_counter()
        e.ask(q["kind"], q["words"])
        times.append(time.perf_counter() - t)
        i += 7
    out.put(times)


def writer(engine, dir, stop):
    e = ENGINES[engine](dir)
    e.open()
    n = 1 << 30
    while not stop.is_set():
        at = time.monotonic()
        n += 1
        e.write({"id": n % (1 << 31), "title": "关于城市供水的通知", "body": "城市供水和节约用水的管理，适用本办法。" * 20, "organ": "organ01", "year": 2026, "date": 20000})
        time.sleep(max(0, 0.05 - (time.monotonic() - at)))


def peak():
    return max(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) >> 10


def main():
    command, engine, dir = sys.argv[1:4]
    e = ENGINES[engine](dir)
    if command == "index":
        start = time.monotonic()
        e.index(docs(sys.argv[4]))
        took = time.monotonic() - start
        text = sum(len((r["title"] + r["body"]).encode()) for r in docs(sys.argv[4]))
        print(json.dumps({"seconds": took, "peak_mb": peak(), "bytes": e.size(text), "text": text}))
        return
    server = engine == "postgres"
    if server:
        e.start()
    try:
        if command == "rank":
            e.open()
            start = time.monotonic()
            for q in docs(sys.argv[4]):
                print(json.dumps({"id": q["id"], "ids": e.rank(q["question"], int(sys.argv[5]))}), flush=True)
            print(json.dumps({"seconds": time.monotonic() - start}))
        else:
            with open(sys.argv[4], encoding="utf-8") as f:
                kinds = json.load(f)
            workers, seconds, write = int(sys.argv[5]), float(sys.argv[6]), len(sys.argv) > 7
            stop = multiprocessing.Event()
            w = None
            if write:
                w = multiprocessing.Process(target=writer, args=(engine, dir, stop))
                w.start()
            for kind, queries in kinds.items():
                out = multiprocessing.Queue()
                ps = [multiprocessing.Process(target=worker, args=(engine, dir, [{"kind": kind, "words": q} for q in queries], seconds, i * 3, out)) for i in range(workers)]
                for p in ps:
                    p.start()
                times = sorted(t for p in ps for t in out.get())
                for p in ps:
                    p.join()
                at = lambda s: round(1000 * times[min(len(times) - 1, int(s * len(times)))], 2) if times else None
                print(json.dumps({"kind": kind, "p50": at(.5), "p95": at(.95), "p99": at(.99), "rate": round(len(times) / seconds, 1)}), flush=True)
            if w:
                stop.set()
                w.join()
    finally:
        if server:
            e.stop()


main()
