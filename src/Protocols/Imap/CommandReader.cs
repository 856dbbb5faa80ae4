using System.Buffers;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap;

/// <summary>What to do with a literal that was announced: take it in, spool it, or refuse it.</summary>
internal readonly record struct LiteralVerdict(Reply? Refusal, MessageSpool? Spool);

/// <summary>Asked before a literal is read, and for a synchronizing one before the client is told to send it.</summary>
internal interface ILiteralGate
{
    LiteralVerdict Judge(ReadOnlySpan<byte> commandSoFar, in LiteralHeader literal);
}

/// <summary>One whole command as it came, or why there is none. Valid until the next read.</summary>
/// <param name="Status">Data: a command. Woken: nothing of one has been taken yet, and there may be something to tell.</param>
/// <param name="Bytes">Without the last CRLF; spooled literals stand in it as their announcements only.</param>
/// <param name="Refusal">Set: don't run it, answer this.</param>
/// <param name="Fatal">The rest of the command can't be skipped: say BYE with the refusal and close.</param>
internal readonly record struct CommandFrame(
    ReadStatus Status, ReadOnlyMemory<byte> Bytes, IReadOnlyList<SpooledLiteral>? Spooled = null, Reply? Refusal = null, bool Fatal = false);

/// <summary>
/// Frames commands: a line, and what its literals announce, up to the line end that closes the command. A command that arrives in one piece
/// without literals is given as it lies in the pipe; others are collected in a rented buffer. Messages never are: they go to a spool.
/// Bounds: 64 KiB of lines and 64 KiB of literals a command; more is skipped as far as that is cheap, and then the connection ends.
/// </summary>
internal sealed class CommandReader(WirePipe wire, ILiteralGate gate) : IAsyncDisposable
{
    public const int MaxLines = 64 * 1024;
    public const int MaxLiterals = 64 * 1024;

    /// <summary>Octets of a refused non-synchronizing literal, or of an endless line, that are read and thrown away (RFC 7888 section 4).</summary>
    public const long MaxSkip = 64L * 1024 * 1024;

    /// <summary>Messages that one command may bring, and octets of those that stay in memory until it is whole.</summary>
    private const int MaxMessages = 1_000;

    private const long MaxMessagesInMemory = 32 * 1024 * 1024;

    /// <summary>A spool keeps no more than this in memory.</summary>
    private const long SpoolMemory = 256 * 1024;

    private static readonly Reply TooManyMessages = Reply.No("These are too many messages at a time", Code.Limit);
    private static readonly Reply LineTooLong = Reply.Bad("The command line is too long", Code.TooBig);
    private static readonly Reply LiteralsTooLong = Reply.Bad("The literals are too long", Code.TooBig);

    private byte[]? _held;
    private int _length;
    private int _lines;
    private int _literals;
    private long _skipped;
    private SequencePosition? _lent;
    private List<SpooledLiteral>? _spooled;

    public async ValueTask<CommandFrame> ReadAsync(CancellationToken ct)
    {
        await ReleaseAsync();
        Reply? refusal = null;
        while (true)
        {
            var (status, buffer) = await wire.ReadAsync(ct);
            if (status == ReadStatus.Woken && (_length > 0 || refusal is not null))
                continue;
            if (status != ReadStatus.Data)
                return new(status, default);
            if (!TryLine(buffer, out var line, out var next))
            {
                if (!SkipIfTooLong(buffer, ref refusal))
                    return new(ReadStatus.Data, _held.AsMemory(0, _length), null, LineTooLong, Fatal: true);
                continue;
            }

            // The common case: the command is one line, and lies in one piece.
            if (_length == 0 && refusal is null && line.IsSingleSegment && line.Length <= MaxLines && !EndsInBrace(line.FirstSpan))
            {
                _lent = next;
                return new(ReadStatus.Data, line.First);
            }

            var literal = Hold(line, ref refusal);
            wire.Input.AdvanceTo(next);
            if (literal is not { } header)
                return new(ReadStatus.Data, _held.AsMemory(0, _length), _spooled, refusal);
            var (answered, problem) = await LiteralAsync(header, refusal, ct);
            if (answered is { } frame)
                return frame;
            refusal = problem;
        }
    }

    /// <summary>Gives the command's octets back, so that more can be read. Parse before, run after.</summary>
    public void ReleaseBytes()
    {
        if (_lent is { } next)
            wire.Input.AdvanceTo(next);
        _lent = null;
        if (_held is not null)
            ArrayPool<byte>.Shared.Return(_held);
        _held = null;
        _length = _lines = _literals = 0;
        _skipped = 0;
    }

    /// <summary>Gives back everything, spools that nobody stored included.</summary>
    public async ValueTask ReleaseAsync()
    {
        ReleaseBytes();
        if (_spooled is null)
            return;
        foreach (var literal in _spooled)
            await literal.Spool.DisposeAsync();
        _spooled = null;
    }

    public ValueTask DisposeAsync() => ReleaseAsync();

    private static bool TryLine(in ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> line, out SequencePosition next)
    {
        line = default;
        next = default;
        if (LineScanner.Find(buffer, LineEnding.CrLfOrLf, out var lineEnd, out next) != LineScan.Line)
            return false;
        line = buffer.Slice(buffer.Start, lineEnd);
        return true;
    }

    private static bool EndsInBrace(ReadOnlySpan<byte> line) => !line.IsEmpty && line[^1] == '}';

    /// <summary>An unfinished line: wait for more of it, or throw it away where it is too long already. False: it is endless.</summary>
    private bool SkipIfTooLong(in ReadOnlySequence<byte> buffer, ref Reply? refusal)
    {
        if (_lines + buffer.Length <= MaxLines)
        {
            wire.Input.AdvanceTo(buffer.Start, buffer.End);
            return true;
        }

        refusal ??= LineTooLong;
        if (_length == 0)
            Keep(buffer.Slice(0, Math.Min(buffer.Length, 512)));

        // The last octets stay: they may be the beginning of a literal's announcement.
        var drop = Math.Max(0, buffer.Length - 64);
        _skipped += drop;
        wire.Input.AdvanceTo(buffer.GetPosition(drop), buffer.End);
        return _skipped <= MaxSkip;
    }

    /// <summary>Adds a line to the command. Gives the literal that it announces, if any.</summary>
    private LiteralHeader? Hold(in ReadOnlySequence<byte> line, ref Reply? refusal)
    {
        _lines = (int)Math.Min(int.MaxValue / 2, _lines + line.Length);
        if (_lines > MaxLines || _skipped > 0)
            refusal ??= LineTooLong;
        if (refusal is not null)
        {
            // Nobody will parse it, but the announcement at its end counts, and the tag at its beginning is answered.
            var end = line.Slice(Math.Max(0, line.Length - 64)).ToArray();
            if (_length == 0)
                Keep(line.Slice(0, Math.Min(line.Length, 512)));
            return LiteralHeader.TryParse(end, out var skipped) ? skipped : null;
        }

        Keep(line);
        return LiteralHeader.TryParse(_held.AsSpan(0, _length), out var header) ? header : null;
    }

    /// <summary>Deals with an announced literal. Gives an answer that ends the command, or the refusal to go on with.</summary>
    private async ValueTask<(CommandFrame? Answer, Reply? Refusal)> LiteralAsync(LiteralHeader header, Reply? refusal, CancellationToken ct)
    {
        var verdict = default(LiteralVerdict);
        if (refusal is null)
        {
            verdict = gate.Judge(_held.AsSpan(0, _length), header);
            refusal = verdict.Refusal;
        }

        if (refusal is null && verdict.Spool is null && _literals + header.Length > MaxLiterals)
            refusal = LiteralsTooLong;
        if (refusal is null && verdict.Spool is { } surplus && IsTooMany(header))
        {
            await surplus.DisposeAsync();
            refusal = TooManyMessages;
        }

        if (refusal is not null && header.IsSynchronizing)
            return (new CommandFrame(ReadStatus.Data, _held.AsMemory(0, _length), null, refusal), refusal);
        if (refusal is not null)
        {
            // RFC 7888 section 4: what is not too much is read and ignored; a larger one ends the connection.
            if (header.Length > MaxSkip - _skipped)
                return (new CommandFrame(ReadStatus.Data, _held.AsMemory(0, _length), null, refusal, Fatal: true), refusal);
            _skipped += header.Length;
        }

        if (refusal is null && verdict.Spool is { } spool)
            (_spooled ??= []).Add(new(_length - header.HeaderLength, header.HeaderLength + 2, header.Length, spool));
        else
            _literals += (int)Math.Min(header.Length, MaxLiterals);
        if (header.IsSynchronizing)
            wire.Output.Write("+ OK\r\n"u8);
        if (refusal is null)
            Keep(new("\r\n"u8.ToArray()));
        return await OctetsAsync(header.Length, verdict.Spool, refusal, ct);
    }

    private bool IsTooMany(in LiteralHeader header) => _spooled is { } spooled
        && (spooled.Count >= MaxMessages
            || spooled.Sum(static s => Math.Min(s.Length, SpoolMemory)) + Math.Min(header.Length, SpoolMemory) > MaxMessagesInMemory);

    private async ValueTask<(CommandFrame? Answer, Reply? Refusal)> OctetsAsync(long left, MessageSpool? spool, Reply? refusal, CancellationToken ct)
    {
        while (left > 0)
        {
            var (status, buffer) = await wire.ReadAsync(ct);
            if (status == ReadStatus.Woken)
                continue;
            if (status != ReadStatus.Data)
                return (new CommandFrame(status, default), refusal);
            var piece = buffer.Slice(0, Math.Min(left, buffer.Length));
            if (refusal is null && spool is null)
                Keep(piece);
            else if (refusal is null)
                refusal = await SpoolAsync(spool!, piece, ct);
            left -= piece.Length;
            wire.Input.AdvanceTo(piece.End);
        }

        return (null, refusal);
    }

    private static async ValueTask<Reply?> SpoolAsync(MessageSpool spool, ReadOnlySequence<byte> piece, CancellationToken ct)
    {
        try
        {
            foreach (var segment in piece)
                await spool.WriteAsync(segment, ct);
            return null;
        }
        catch (MailException e)
        {
            return ImapErrors.Reply(e);
        }
        catch (IOException)
        {
            return Reply.No("There is no room for the message now", Code.Unavailable);
        }
    }

    private void Keep(in ReadOnlySequence<byte> octets)
    {
        var needed = _length + (int)octets.Length;
        if (_held is null || _held.Length < needed)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 1024));
            _held.AsSpan(0, _length).CopyTo(larger);
            if (_held is not null)
                ArrayPool<byte>.Shared.Return(_held);
            _held = larger;
        }

        octets.CopyTo(_held.AsSpan(_length));
        _length = needed;
    }
}
