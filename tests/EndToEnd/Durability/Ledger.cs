using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Webmail.Testing;

namespace Webmail.EndToEnd.Durability;

/// <summary>A letter and what its sender knows of it.</summary>
/// <param name="To">The recipients.</param>
/// <param name="Places">Where a copy must be: "lisi@example.test/INBOX", or <see cref="Ledger.Far"/>.</param>
internal sealed record Sent(Letter Letter, IReadOnlyList<string> To, IReadOnlyList<string> Places)
{
    /// <summary>The server said 250 or OK.</summary>
    public bool IsAcknowledged { get; set; }

    /// <summary>How often it was handed over whole without an acknowledgement: each may have been stored.</summary>
    public int Doubts { get; set; }

    /// <summary>What APPENDUID said: UIDVALIDITY and UID.</summary>
    public (long Validity, long Uid)? Uid { get; set; }
}

/// <summary>What all clients sent and were told, to be compared with what is there at the end.</summary>
internal sealed class Ledger
{
    /// <summary>The place of messages that leave by the queue.</summary>
    public const string Far = "far";

    private readonly ConcurrentDictionary<string, Sent> _sent = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly ConcurrentQueue<string> _cutBy = new();
    private readonly Lock _clock = new();
    private long _lastAt;
    private TimeSpan _longestPause;
    private int _acknowledged;
    private int _refusals;
    private int _cuts;

    public int Acknowledged => _acknowledged;

    public int Refusals => _refusals;

    public int Cuts => _cuts;

    public IEnumerable<Sent> All => _sent.Values;

    /// <summary>All that should not be, a line each; the first twenty.</summary>
    public string Complaints => string.Join('\n', _wrong.Take(20));

    public Sent Begin(Letter letter, IReadOnlyList<string> to, IReadOnlyList<string> places)
    {
        var sent = new Sent(letter, to, places);
        return _sent.TryAdd(letter.Id, sent) ? sent : throw new InvalidOperationException($"There are two letters {letter.Id}");
    }

    public void Acknowledge(Sent sent)
    {
        sent.IsAcknowledged = true;
        lock (_clock)
        {
            var now = Stopwatch.GetTimestamp();
            var pause = _acknowledged++ == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(_lastAt, now);
            _longestPause = pause > _longestPause ? pause : _longestPause;
            _lastAt = now;
        }
    }

    /// <summary>The longest time without any acknowledgement since it was last asked for.</summary>
    public TimeSpan TakeLongestPause()
    {
        lock (_clock)
        {
            var pause = _longestPause;
            _longestPause = TimeSpan.Zero;
            return pause;
        }
    }

    public void Refused(string answer, bool mayBeTried)
    {
        Interlocked.Increment(ref _refusals);
        if (!mayBeTried)
            _wrong.Enqueue(answer);
    }

    public void Cut(string how)
    {
        Interlocked.Increment(ref _cuts);
        _cutBy.Enqueue(how);
    }

    /// <summary>How connections ended.</summary>
    public IReadOnlyCollection<string> CutBy => _cutBy;

    /// <summary>Waits until so many more were acknowledged.</summary>
    public async Task MoreAsync(int count)
    {
        var from = Acknowledged;
        for (var watch = Stopwatch.StartNew(); Acknowledged < from + count;)
        {
            Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"Next to nothing was acknowledged for a minute:\n{Complaints}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Compares every mailbox, read by IMAP, and all that the other server got with what was sent.</summary>
    public async Task CompareAllAsync(ServerProcess server, SmtpSink sink)
    {
        foreach (var (address, mailbox, added) in Load.Mailboxes)
        {
            var place = $"{address}/{mailbox}";
            var found = await MailboxContents.ReadAsync(server, address, mailbox);
            Compare(place, [.. found.ByUid.Values], most: 1, added);
            foreach (var sent in SentTo(place).Where(s => s.Uid is not null))
            {
                if (sent.Uid!.Value.Validity != found.UidValidity || !found.ByUid.TryGetValue(sent.Uid.Value.Uid, out var octets) || Letter.IdOf(octets) != sent.Letter.Id)
                    Blame($"{sent.Letter.Id} is not under the UID that APPENDUID gave it");
            }
        }

        await DrainAsync(sink);
        Compare(Far, [.. sink.Messages.Select(m => m.Octets)], most: 2, "Received", "DKIM-Signature");
    }

    private async Task DrainAsync(SmtpSink sink)
    {
        var missing = SentTo(Far).Select(s => s.Letter.Id).ToHashSet(StringComparer.Ordinal);
        for (var watch = Stopwatch.StartNew(); missing.Count > 0 && watch.Elapsed < TimeSpan.FromSeconds(60);)
        {
            missing.ExceptWith(sink.Messages.Select(m => Letter.IdOf(m.Octets) ?? ""));
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private IEnumerable<Sent> SentTo(string place) => _sent.Values.Where(s => s.Places.Contains(place, StringComparer.Ordinal));

    /// <summary>Compares a place with what was sent there: every acknowledged letter, and nothing else.</summary>
    /// <param name="most">So many copies for each time that it may have been taken: once when it was acknowledged, and once for each time that no answer came.</param>
    private void Compare(string place, IReadOnlyCollection<byte[]> found, int most, params string[] addedFields)
    {
        var copies = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var octets in found)
        {
            var id = Letter.IdOf(octets);
            if (id is null || !_sent.TryGetValue(id, out var sent) || !sent.Places.Contains(place, StringComparer.Ordinal))
                _wrong.Enqueue($"{place} has a message that nobody sent there ({id}, {octets.Length} octets)");
            else if (!sent.Letter.IsIn(octets, addedFields))
                _wrong.Enqueue($"{place}: {id} is not as it was sent ({sent.Letter.Octets.Length} octets became {octets.Length})");
            else
                copies[id] = copies.GetValueOrDefault(id) + 1;
        }

        foreach (var sent in SentTo(place))
        {
            var n = copies.GetValueOrDefault(sent.Letter.Id);
            if (n < (sent.IsAcknowledged ? 1 : 0) || n > (sent.Doubts + (sent.IsAcknowledged ? 1 : 0)) * most)
                _wrong.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{place}: {n} copies of {sent.Letter.Id}, acknowledged {sent.IsAcknowledged}, doubts {sent.Doubts}"));
        }
    }

    public void Blame(string what) => _wrong.Enqueue(what);
}
