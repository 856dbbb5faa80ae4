using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using Webmail.MailCore.Auth;

namespace Webmail.Protocols.Wire;

/// <summary>Why a read came back.</summary>
public enum ReadStatus
{
    /// <summary>There is data (or a line).</summary>
    Data,

    /// <summary>The line is longer than allowed. Its rest was thrown away up to its end, so the next read starts at the next line.</summary>
    TooLong,

    /// <summary>A CR or LF stood alone where only CRLF may (strict reading). What was read up to and with it is gone.</summary>
    BareNewline,

    /// <summary>The other side closed its half, or the connection broke.</summary>
    End,

    /// <summary>The deadline passed: say so and close.</summary>
    TimedOut,

    /// <summary>The server stops: say so and close.</summary>
    Stopping,

    /// <summary><see cref="WirePipe.Wake"/> was called: look whether there is something to tell, and read on.</summary>
    Woken,
}

/// <summary>What ends a line. SMTP takes CRLF and nothing else (RFC 5321 section 2.3.8); IMAP and POP3 also take the bare LF of people at a terminal.</summary>
public enum LineEnding
{
    CrLf,
    CrLfOrLf,
}

/// <param name="Bytes">The line without its end; the caller's own copy.</param>
public readonly record struct WireLine(ReadStatus Status, ReadOnlyMemory<byte> Bytes);

/// <summary>
/// One connection's octets: a duplex pipe whose layers can be swapped under the protocol (TLS, and DEFLATE inside it).
/// Invariants: one reader and one writer at a time; whatever was written is flushed before a read has to wait, so pipelined commands are answered
/// together; no timer, no buffer and no task of its own is held while a connection idles.
/// </summary>
public sealed class WirePipe : IAsyncDisposable
{
    /// <summary>A flush is begun when this much is pending, so that a long answer doesn't pile up in memory.</summary>
    private const int FlushThreshold = 64 * 1024;

    /// <summary>Octets of one line that are waited through for its end.</summary>
    private const long MaxDropped = 1024 * 1024;

    private readonly WireConnection _connection;
    private readonly WireClock _clock;
    private readonly CancellationTokenRegistration _stopping;
    private SslStream? _tls;
    private DeflateStream? _deflate;
    private volatile bool _expired;
    private volatile bool _isStopping;
    private volatile bool _writing;
    private bool _closed;
    private long _restAtEnd = -1;

    public WirePipe(WireConnection connection, WireClock clock)
    {
        _connection = connection;
        _clock = clock;
        Input = connection.Transport.Input;
        Output = connection.Transport.Output;
        _clock.Add(this);
        _stopping = connection.Stopping.UnsafeRegister(static wire => ((WirePipe)wire!).Stop(), this);
    }

    public WireConnection Connection => _connection;

    /// <summary>The innermost layer's reader. Prefer <see cref="ReadLineAsync"/> and <see cref="ReadAsync"/>: they flush and keep time.</summary>
    public PipeReader Input { get; private set; }

    /// <summary>Write here; it leaves with the next read that waits, or with <see cref="FlushAsync"/>.</summary>
    public PipeWriter Output { get; private set; }

    public bool IsEncrypted => _tls is not null;

    /// <summary>What TLS can say to those who log in over it; null in plain text.</summary>
    public ITlsSession? Tls { get; private set; }

    public bool IsCompressed => _deflate is not null;

    /// <summary>"TLSv1.3 with cipher TLS_AES_256_GCM_SHA384"; null in plain text.</summary>
    public string? TlsDescription => _tls is { } tls ? $"{NameOf(tls.SslProtocol)} with cipher {tls.NegotiatedCipherSuite}" : null;

    /// <summary>The moment (in <see cref="WireClock"/> seconds) after which a wait ends; long.MaxValue: never.</summary>
    internal long Deadline { get; private set; } = long.MaxValue;

    /// <summary>Gives the client this long from now for everything up to the next call. Zero or less: no limit.</summary>
    public void SetTimeout(TimeSpan timeout) =>
        Deadline = timeout <= TimeSpan.Zero ? long.MaxValue : _clock.Now + Math.Max(1, (long)timeout.TotalSeconds);

    /// <summary>Makes the pending read (or the next one) come back as <see cref="ReadStatus.Woken"/>. From any thread.</summary>
    public void Wake() => EndWait();

    /// <summary>
    /// Reads what is there, waiting (after a flush) if there is nothing. The caller advances <see cref="Input"/> when the status is
    /// <see cref="ReadStatus.Data"/>, and must not otherwise.
    /// </summary>
    public async ValueTask<(ReadStatus Status, ReadOnlySequence<byte> Buffer)> ReadAsync(CancellationToken ct)
    {
        try
        {
            if (!Input.TryRead(out var result))
            {
                if (!await FlushAsync(ct))
                    return (ReadStatus.End, default);
                result = await Input.ReadAsync(ct);
            }

            if (Classify(result) is not ReadStatus.Data and var status)
            {
                Input.AdvanceTo(result.Buffer.Start, result.Buffer.Start);
                return (status, default);
            }

            return (ReadStatus.Data, result.Buffer);
        }
        catch (Exception e) when (IsConnectionLoss(e))
        {
            return (ReadStatus.End, default);
        }
    }

    /// <summary>
    /// Reads one line of at most <paramref name="maxLength"/> octets, its end not counted. A longer one is dropped and reported when its end has come; one
    /// without an end is dropped for a mebibyte, and then the client counts as gone.
    /// </summary>
    public async ValueTask<WireLine> ReadLineAsync(int maxLength, LineEnding ending, CancellationToken ct)
    {
        var tooLong = false;
        var dropped = 0L;
        while (true)
        {
            var (status, buffer) = await ReadAsync(ct);
            if (status != ReadStatus.Data)
                return new(status, default);

            switch (LineScanner.Find(buffer, ending, out var lineEnd, out var next))
            {
                case LineScan.Line when tooLong || buffer.GetOffset(lineEnd) - buffer.GetOffset(buffer.Start) > maxLength:
                    Input.AdvanceTo(next);
                    return new(ReadStatus.TooLong, default);
                case LineScan.Line:
                    var line = buffer.Slice(buffer.Start, lineEnd).ToArray();
                    Input.AdvanceTo(next);
                    return new(ReadStatus.Data, line);
                case LineScan.Bare:
                    Input.AdvanceTo(next);
                    return new(ReadStatus.BareNewline, default);
                default:
                    // A line without an end is dropped as it comes, all but a CR that may be half of one.
                    if (tooLong || buffer.Length > maxLength + 1)
                    {
                        tooLong = true;
                        dropped += buffer.Length - 1;
                        Input.AdvanceTo(buffer.GetPosition(buffer.Length - 1), buffer.End);
                        if (dropped > MaxDropped)
                            return new(ReadStatus.End, default);
                    }
                    else
                    {
                        Input.AdvanceTo(buffer.Start, buffer.End);
                    }

                    break;
            }
        }
    }

    /// <summary>Call after writing: begins to send when much is pending, waiting while the client is slow. False: the client is gone.</summary>
    public ValueTask<bool> FlushIfLargeAsync(CancellationToken ct) =>
        Output.UnflushedBytes < FlushThreshold ? new(true) : FlushAsync(ct);

    /// <summary>Sends what was written. False: the client is gone, or did not take it within the time-out.</summary>
    public async ValueTask<bool> FlushAsync(CancellationToken ct)
    {
        if (_closed)
            return false;
        if (Output.UnflushedBytes == 0)
            return true;
        _writing = true;
        try
        {
            var result = await Output.FlushAsync(ct);
            return !result.IsCompleted && !result.IsCanceled;
        }
        catch (Exception e) when (IsConnectionLoss(e))
        {
            _closed = true;
            return false;
        }
        finally
        {
            _writing = false;
        }
    }

    /// <summary>
    /// Begins TLS as the server. What the client already sent behind STARTTLS goes into the handshake: an eager ClientHello is used,
    /// and injected plain text makes the handshake fail instead of being run. False: no handshake came about; close the connection.
    /// </summary>
    /// <param name="takesLogins">See <see cref="ServerTls.Options"/>.</param>
    public Task<bool> StartTlsAsync(ServerTls tls, TimeSpan timeout, CancellationToken ct, bool takesLogins = true) =>
        HandshakeAsync((stream, token) => stream.AuthenticateAsServerAsync(tls.Options(takesLogins), token), timeout, ct);

    /// <summary>Begins TLS as the client of another server.</summary>
    public Task<bool> StartTlsAsync(SslClientAuthenticationOptions options, TimeSpan timeout, CancellationToken ct) =>
        HandshakeAsync((stream, token) => stream.AuthenticateAsClientAsync(options, token), timeout, ct);

    /// <summary>From here on both directions are raw DEFLATE (RFC 4978); what the client already sent behind its command is read so.</summary>
    public async Task StartDeflateAsync(CancellationToken ct)
    {
        await FlushAsync(ct);
        var inner = new DuplexPipeStream(Input, Output);
        _deflate = new DeflateStream(inner, CompressionLevel.Fastest, leaveOpen: true);

        Input = PipeReader.Create(new DeflateStream(inner, CompressionMode.Decompress, leaveOpen: true), new StreamPipeReaderOptions(leaveOpen: false));
        Output = PipeWriter.Create(_deflate, new StreamPipeWriterOptions(leaveOpen: true));
    }

    /// <summary>Says goodbye to TLS, sends what is pending and lets go of the transport (which its listener closes).</summary>
    public async ValueTask DisposeAsync()
    {
        _clock.Remove(this);
        await _stopping.DisposeAsync();
        await FlushAsync(CancellationToken.None);
        if (_deflate is { } deflate)
        {
            try
            {
                if (!_closed)
                    await deflate.DisposeAsync();
            }
            catch (Exception e) when (IsConnectionLoss(e))
            {
                // The other side left first.
            }
        }

        if (_tls is { } tls)
        {
            try
            {
                if (!_closed)
                    await tls.ShutdownAsync();
                await Input.CompleteAsync();
                await Output.CompleteAsync();
            }
            catch (Exception e) when (IsConnectionLoss(e) || e is InvalidOperationException or CryptographicException)
            {
                // The other side left first.
            }

            await tls.DisposeAsync();
        }

        await _connection.Transport.Output.CompleteAsync();
        await _connection.Transport.Input.CompleteAsync();
    }

    /// <summary>Called by the clock when the deadline has passed.</summary>
    internal void Expire()
    {
        if (_expired)
            return;
        _expired = true;

        // A client that doesn't read can't be told: the transport ends. One that doesn't write is told by its handler.
        if (_writing)
            _connection.Abort();
        else
            EndWait();
    }

    private void Stop()
    {
        _isStopping = true;
        EndWait();
    }

    // The handler goes on where its read ends: on a thread of the pool, not on that of whoever wakes it (docs/adr/0182).
    private void EndWait() => ThreadPool.UnsafeQueueUserWorkItem(
        static wire =>
        {
            try
            {
                wire.Input.CancelPendingRead();
            }
            catch (Exception e) when (IsConnectionLoss(e))
            {
                // It ended by itself meanwhile.
            }
        },
        this,
        preferLocal: false);

    private ReadStatus Classify(ReadResult result)
    {
        if (result.IsCanceled)
            return _expired ? ReadStatus.TimedOut : _isStopping ? ReadStatus.Stopping : ReadStatus.Woken;
        return result.IsCompleted && result.Buffer.IsEmpty ? ReadStatus.End
            : result.IsCompleted && LastReadSawEnd(result) ? ReadStatus.End
            : ReadStatus.Data;
    }

    // At the end of input a rest that is no whole line would come back for ever: the second time it is seen unchanged, it is the end.
    private bool LastReadSawEnd(ReadResult result)
    {
        var same = _restAtEnd == result.Buffer.Length;
        _restAtEnd = result.Buffer.Length;
        return same;
    }

    private async Task<bool> HandshakeAsync(Func<SslStream, CancellationToken, Task> authenticate, TimeSpan timeout, CancellationToken ct)
    {
        if (!await FlushAsync(ct))
            return false;
        var stream = new SslStream(new DuplexPipeStream(Input, Output), leaveInnerStreamOpen: true);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct, _connection.Stopping);
        limit.CancelAfter(timeout);
        try
        {
            await authenticate(stream, limit.Token);
        }
        catch (Exception e) when (IsConnectionLoss(e) || e is AuthenticationException or NotSupportedException or ArgumentException)
        {
            await stream.DisposeAsync();
            _closed = true;
            return false;
        }

        _tls = stream;
        Tls = new TlsSession(stream);
        // Zero-byte reads: an idle connection holds no read buffer.
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true, useZeroByteReads: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        return true;
    }

    // Kestrel's ConnectionResetException is an IOException, its ConnectionAbortedException an OperationCanceledException; InvalidDataException: what isn't DEFLATE.
    private static bool IsConnectionLoss(Exception e) => e is IOException or ObjectDisposedException or OperationCanceledException or InvalidDataException;

    private static string NameOf(SslProtocols protocol) => protocol switch
    {
        SslProtocols.Tls13 => "TLSv1.3",
        SslProtocols.Tls12 => "TLSv1.2",
        _ => protocol.ToString(),
    };
}
