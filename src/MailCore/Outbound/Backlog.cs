namespace Webmail.MailCore.Outbound;

/// <summary>One message's recipients at one destination: what goes in one transaction.</summary>
internal sealed record Batch(long Message, string Domain, bool IsLocal, IReadOnlyList<QueueItem> Items);

/// <summary>
/// What this process has leased and not yet begun, by destination. Bounded as a whole and for each destination, so that a slow one can't fill it. It also
/// knows every recipient that is waiting here or under way: those leases are kept, and no others. One lock, held for a few list operations; nothing is awaited under it.
/// </summary>
internal sealed class Backlog(int workers)
{
    /// <summary>Recipients of one transaction: RFC 5321 section 4.5.3.1.8 has every server take 100.</summary>
    private const int MostRecipients = 100;
    private const int MostByDestination = 300;
    private const int MostInAll = 2_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Destination> _destinations = new(StringComparer.Ordinal);
    private readonly HashSet<(long Message, int N)> _held = [];
    private bool _hasStrays;
    private int _waiting;
    private int _working;
    private long _turn;

    public int Working
    {
        get
        {
            lock (_gate)
                return _working;
        }
    }

    public int Room
    {
        get
        {
            lock (_gate)
                return MostInAll - _waiting;
        }
    }

    /// <summary>The recipients that wait here or are under way.</summary>
    public IReadOnlyCollection<(long Message, int N)> Held
    {
        get
        {
            lock (_gate)
                return [.. _held];
        }
    }

    /// <summary>The database may name us as the holder of leases that we don't know of, or have let go of in an outage.</summary>
    public void MarkStrays()
    {
        lock (_gate)
            _hasStrays = true;
    }

    /// <summary>Null: there are no strays. Else what is held; all else under our name is to be given back.</summary>
    public IReadOnlyCollection<(long Message, int N)>? TakeStrays()
    {
        lock (_gate)
        {
            if (!_hasStrays)
                return null;
            _hasStrays = false;
            return [.. _held];
        }
    }

    /// <summary>A batch that was taken is done with.</summary>
    /// <param name="isStray">It must be given back to the queue; else it is written down, or its lease shall run out.</param>
    public void Release(Batch batch, bool isStray)
    {
        lock (_gate)
        {
            foreach (var item in batch.Items)
                _held.Remove((item.Message, item.N));
            _hasStrays |= isStray;
        }
    }

    /// <summary>Nothing more shall be claimed for it now.</summary>
    public bool IsFull(string destination, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (!_destinations.TryGetValue(destination, out var d))
                return false;
            if (d.IsIdle && d.NotBefore <= now)
                _destinations.Remove(destination);
            return d.Waiting >= MostByDestination || d.NotBefore > now;
        }
    }

    /// <param name="atMostWorkers">How many may work for this destination at once.</param>
    public void Add(string destination, int atMostWorkers, IEnumerable<Batch> batches)
    {
        lock (_gate)
        {
            if (!_destinations.TryGetValue(destination, out var d))
                _destinations.Add(destination, d = new() { AtMostWorkers = Math.Max(1, atMostWorkers) });
            foreach (var batch in batches)
            {
                foreach (var part in batch.Items.Chunk(MostRecipients))
                    d.Batches.Enqueue(batch with { Items = part });
                foreach (var item in batch.Items)
                    _held.Add((item.Message, item.N));
                d.Waiting += batch.Items.Count;
                _waiting += batch.Items.Count;
            }
        }
    }

    /// <summary>A destination that has work and may have another worker; the caller now is that worker, until <see cref="End"/>.</summary>
    public string? Begin()
    {
        lock (_gate)
        {
            if (_working >= workers)
                return null;
            // The one that waited longest, so that a few busy destinations don't keep the others out.
            (string Name, Destination Destination)? next = null;
            foreach (var (name, d) in _destinations)
            {
                if (d.WantsWorker && (next is null || d.Turn < next.Value.Destination.Turn))
                    next = (name, d);
            }

            if (next is not { } found)
                return null;
            found.Destination.Workers++;
            found.Destination.Turn = ++_turn;
            _working++;
            return found.Name;
        }
    }

    /// <summary>The next one, to be given to <see cref="Release"/> in every case.</summary>
    public Batch? Take(string destination)
    {
        lock (_gate)
        {
            var d = _destinations[destination];
            if (!d.Batches.TryDequeue(out var batch))
                return null;
            d.Waiting -= batch.Items.Count;
            _waiting -= batch.Items.Count;
            return batch;
        }
    }

    /// <summary>
    /// The destination can't be reached: all that waits for it comes back, and a long queue rests for a while. Each batch is to be given to <see cref="Release"/>.
    /// </summary>
    public List<Batch> TakeAll(string destination, DateTimeOffset notBefore)
    {
        lock (_gate)
        {
            var d = _destinations[destination];
            var all = d.Batches.ToList();
            d.Batches.Clear();
            _waiting -= d.Waiting;
            if (d.Waiting >= MostRecipients)
                d.NotBefore = notBefore;
            d.Waiting = 0;
            return all;
        }
    }

    public void End(string destination, DateTimeOffset now)
    {
        lock (_gate)
        {
            _working--;
            var d = _destinations[destination];
            d.Workers--;
            if (d.IsIdle && d.NotBefore <= now)
                _destinations.Remove(destination);
        }
    }

    private sealed class Destination
    {
        public Queue<Batch> Batches { get; } = new();

        public required int AtMostWorkers { get; init; }

        public int Waiting { get; set; }

        public int Workers { get; set; }

        public DateTimeOffset NotBefore { get; set; }

        public long Turn { get; set; }

        public bool IsIdle => Workers == 0 && Batches.Count == 0;

        /// <summary>A second worker pays off only when there is more than the first one does in a moment.</summary>
        public bool WantsWorker => Batches.Count > 0 && Workers < AtMostWorkers && (Workers == 0 || Batches.Count >= 5 * Workers);
    }
}
