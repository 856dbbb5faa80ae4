using Webmail.MailCore.Outbound;
using Webmail.MailCore.Store;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Smtp.Client;

/// <summary>One session with another server. Whatever goes wrong is a result of the recipients that it concerns.</summary>
internal sealed class RemoteSession(RemoteDialogue dialogue, TransportTarget target, RemoteTimeouts timeouts, Stream transport) : IMailConnection
{
    /// <summary>Commands sent together. Their replies (some 100 octets each) fit any socket buffer, so neither side waits for the other to read.</summary>
    private const int PipelineDepth = 100;

    private PeerExtensions _peer = PeerExtensions.None;
    private bool _closed;

    public bool IsUsable => !_closed && !dialogue.IsBroken;

    public string? TlsDescription => dialogue.Wire.TlsDescription;

    public bool OffersDsn => _peer.Dsn;

    /// <summary>STARTTLS was offered and no handshake came about: this connection is dead, a plain one may do.</summary>
    public bool TlsFailed { get; private set; }

    /// <summary>Greeting, EHLO, STARTTLS. Null: ready (unless <see cref="TlsFailed"/>), else what the peer said against it.</summary>
    public async ValueTask<RemoteReply?> BeginAsync(string hostname, bool withTls, CancellationToken ct)
    {
        var greeting = await dialogue.ReadReplyAsync(timeouts.Greeting, ct);
        if (!greeting.IsPositive)
            return greeting;
        if (await HelloAsync(hostname, ct) is { } refused)
            return refused;
        if (!withTls || !_peer.StartTls || !(await dialogue.AskAsync("STARTTLS", timeouts.Command, ct)).IsPositive)
            return dialogue.IsBroken ? dialogue.Lost() : null;

        // RFC 3207 section 4.2: forget all that was learnt before.
        if (!await dialogue.StartTlsAsync(timeouts.Handshake, ct) || await HelloAsync(hostname, ct) is not null)
            TlsFailed = true;
        return null;
    }

    public async ValueTask<IReadOnlyList<RecipientResult>> SendAsync(TransportMessage message, CancellationToken ct)
    {
        var results = new RecipientResult?[message.Recipients.Count];
        try
        {
            var utf8 = await Envelope.NeedsUtf8Async(message, ct);
            RefuseWhatThePeerCannotTake(message, utf8, results);
            if (results.Contains(null))
                await TransactAsync(message, utf8, results, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            _closed = true;
            throw;
        }
        catch (Exception e) when (e is not ArgumentException)
        {
            // Our own store could not give the octets. An unfinished message must not end: the connection goes.
            _closed = true;
            Fill(message, results, RemoteReply.None("4.3.0", "The message could not be read here"));
        }

        return results!;
    }

    public async ValueTask DisposeAsync()
    {
        if (IsUsable)
        {
            using var limit = new CancellationTokenSource(timeouts.Quit);
            try
            {
                await dialogue.AskAsync("QUIT", timeouts.Quit, limit.Token);
            }
            catch (OperationCanceledException)
            {
                // The peer doesn't say goodbye.
            }
        }

        await AbandonAsync();
    }

    /// <summary>Closes without a word. A peer that doesn't read must not hold us up, so the transport goes first.</summary>
    public async ValueTask AbandonAsync()
    {
        _closed = true;
        await transport.DisposeAsync();
        try
        {
            await dialogue.Wire.DisposeAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException)
        {
            // What was still to be sent had nowhere to go.
        }
    }

    private async ValueTask<RemoteReply?> HelloAsync(string hostname, CancellationToken ct)
    {
        var hello = await dialogue.AskAsync($"{(target.IsLmtp ? "LHLO" : "EHLO")} {hostname}", timeouts.Command, ct);
        _peer = PeerExtensions.None;
        if (hello.IsPositive)
        {
            _peer = PeerExtensions.Parse(hello.Lines);
            return null;
        }

        // RFC 5321 section 3.2: a server from before 1995.
        if (target.IsLmtp || dialogue.IsBroken || hello.State != RecipientState.Failed)
            return hello;
        var old = await dialogue.AskAsync($"HELO {hostname}", timeouts.Command, ct);
        return old.IsPositive ? null : old;
    }

    private void RefuseWhatThePeerCannotTake(TransportMessage message, Utf8Need utf8, RecipientResult?[] results)
    {
        var size = Envelope.SizeOf(message);
        if (_peer.SizeLimit > 0 && size > _peer.SizeLimit)
        {
            Fill(message, results, RemoteReply.None("5.3.4", $"The message has {size} octets, {target.Host} takes at most {_peer.SizeLimit}"), RecipientState.Failed);
            return;
        }

        if (_peer.SmtpUtf8)
            return;
        for (var i = 0; i < results.Length; i++)
        {
            // RFC 6531 section 3.5: without SMTPUTF8 there is no way to write such an address or header.
            if (utf8.Message || message.Recipients[i].Address.NeedsUtf8)
                results[i] = Result(message.Recipients[i], RemoteReply.None("5.6.7", $"{target.Host} doesn't take internationalised addresses (SMTPUTF8)"), RecipientState.Failed);
        }
    }

    private async ValueTask TransactAsync(TransportMessage message, Utf8Need utf8, RecipientResult?[] results, CancellationToken ct)
    {
        var wanted = Enumerable.Range(0, results.Length).Where(i => results[i] is null).ToList();
        var mail = Envelope.Mail(message, _peer, utf8.Any && _peer.SmtpUtf8);
        var (data, accepted) = _peer.Pipelining
            ? await PipelinedAsync(message, mail, wanted, results, ct)
            : await OneByOneAsync(message, mail, wanted, results, ct);

        if (data is { IsIntermediate: true })
        {
            await SendDataAsync(message, accepted, results, ct);
            return;
        }

        if (data is not null)
            Fill(message, results, data, data.State == RecipientState.Failed ? RecipientState.Failed : RecipientState.Deferred);
        // A peer that takes DATA for done no longer knows what it answers to.
        _closed |= data is { IsPositive: true };
        if (IsUsable && !(await dialogue.AskAsync("RSET", timeouts.Command, ct)).IsPositive)
            _closed = true;
    }

    /// <summary>MAIL, RCPT and DATA in one go (RFC 2920), in bounded bites.</summary>
    private async ValueTask<(RemoteReply? Data, List<int> Accepted)> PipelinedAsync(
        TransportMessage message, string mail, List<int> wanted, RecipientResult?[] results, CancellationToken ct)
    {
        var accepted = new List<int>();
        RemoteReply? refused = null;
        dialogue.Write(mail);
        for (var from = 0; from < wanted.Count; from += PipelineDepth)
        {
            var bite = wanted.GetRange(from, Math.Min(PipelineDepth, wanted.Count - from));
            foreach (var i in bite)
                dialogue.Write(Envelope.Rcpt(message.Recipients[i], _peer));
            var isLast = from + bite.Count == wanted.Count;
            if (isLast)
                dialogue.Write("DATA");
            if (from == 0 && await dialogue.ReadReplyAsync(timeouts.Command, ct) is { IsPositive: false } no)
                refused = no;
            foreach (var i in bite)
                Judge(await dialogue.ReadReplyAsync(timeouts.Command, ct), refused, i, message, results, accepted);
        }

        var data = await dialogue.ReadReplyAsync(timeouts.DataStart, ct);
        if (accepted.Count > 0 || !data.IsIntermediate)
            return (accepted.Count > 0 ? data : null, accepted);

        // RFC 2920 section 3.1: a peer that says 354 without a recipient gets an empty message.
        await dialogue.AskAsync(".", timeouts.DataEnd, ct);
        return (null, accepted);
    }

    private async ValueTask<(RemoteReply? Data, List<int> Accepted)> OneByOneAsync(
        TransportMessage message, string mail, List<int> wanted, RecipientResult?[] results, CancellationToken ct)
    {
        var accepted = new List<int>();
        var first = await dialogue.AskAsync(mail, timeouts.Command, ct);
        foreach (var i in wanted)
        {
            var reply = first.IsPositive ? await dialogue.AskAsync(Envelope.Rcpt(message.Recipients[i], _peer), timeouts.Command, ct) : first;
            Judge(reply, first.IsPositive ? null : first, i, message, results, accepted);
        }

        return (accepted.Count > 0 ? await dialogue.AskAsync("DATA", timeouts.DataStart, ct) : null, accepted);
    }

    private void Judge(RemoteReply reply, RemoteReply? mailRefused, int i, TransportMessage message, RecipientResult?[] results, List<int> accepted)
    {
        if (mailRefused is not null)
            results[i] = Result(message.Recipients[i], mailRefused);
        else if (reply.IsPositive)
            accepted.Add(i);
        else
            // RFC 5321 section 4.5.3.1.10: 552 at RCPT is an old server's "too many recipients": later.
            results[i] = Result(message.Recipients[i], reply, reply.Code == 552 ? RecipientState.Deferred : reply.State);
    }

    private async ValueTask SendDataAsync(TransportMessage message, List<int> accepted, RecipientResult?[] results, CancellationToken ct)
    {
        var sent = await Envelope.WriteDataAsync(dialogue.Wire, message, timeouts.DataBlock, ct);
        ct.ThrowIfCancellationRequested();
        if (!sent)
        {
            Fill(message, results, dialogue.Lost());
            return;
        }

        // RFC 2033 section 4.2: LMTP answers for each accepted recipient, in order.
        RemoteReply? reply = null;
        foreach (var i in accepted)
        {
            if (reply is null || target.IsLmtp)
                reply = await dialogue.ReadReplyAsync(timeouts.DataEnd, ct);
            results[i] = Result(message.Recipients[i], reply);
        }
    }

    private void Fill(TransportMessage message, RecipientResult?[] results, RemoteReply reply, RecipientState? state = null)
    {
        for (var i = 0; i < results.Length; i++)
            results[i] ??= Result(message.Recipients[i], reply, state);
    }

    private RecipientResult Result(RemoteRecipient recipient, RemoteReply reply, RecipientState? state = null)
    {
        var is552 = state == RecipientState.Deferred && reply.Code == 552;
        return new(recipient, state ?? reply.State, is552 ? "4.5.3" : reply.Status, reply.ToString(), reply.Code == 0 ? null : target.Host);
    }
}
