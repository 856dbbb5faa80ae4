using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using Webmail.MailCore.Model;
using Webmail.Protocols.Wire;

namespace Webmail.Protocols.Imap;

/// <summary>
/// Writes answers straight into the connection's pipe, without a string or an array between. What comes from outside has a type that says how it is
/// written (<see cref="Quoted"/>, <see cref="Text"/>, <see cref="Literal(ReadOnlySpan{byte})"/>); there is no way to write a bare string, so nobody can inject a line.
/// Not for two threads at once.
/// </summary>
internal sealed class ImapWriter(WirePipe wire)
{
    /// <summary>How much is written before a long answer waits for the client to take it.</summary>
    private const int FlushThreshold = 64 * 1024;

    private Memory<byte> _free;
    private int _used;
    private long _written;

    /// <summary>A line is begun and can't be given up: an error now ends the connection. Set and cleared by who writes long lines in pieces.</summary>
    public bool IsMidLine { get; set; }

    /// <summary>The client takes UTF-8 in quoted strings and mailbox names (RFC 9051 appendix A, RFC 9755 section 3).</summary>
    public bool IsUtf8 { get; set; }

    /// <summary>The client wants no message numbers (RFC 9586).</summary>
    public bool IsUidOnly { get; set; }

    /// <summary>A whole line; CRLF is added.</summary>
    public void Line([InterpolatedStringHandlerArgument("")] ImapText text) => Raw("\r\n"u8);

    /// <summary>A piece of a line.</summary>
    public void Write([InterpolatedStringHandlerArgument("")] ImapText text)
    {
    }

    /// <summary>How an untagged FETCH begins, up to its parenthesis: UIDFETCH where the client wants no message numbers (RFC 9586 section 3.3).</summary>
    /// <param name="position">Message number less one.</param>
    public void FetchHead(int position, Uid uid)
    {
        if (IsUidOnly)
            Write($"* {uid} UIDFETCH (");
        else
            Write($"* {position + 1} FETCH (");
    }

    /// <summary>Octets that are known to be well-formed: protocol words, stored wire forms.</summary>
    public void Raw(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            var room = Room(1);
            var n = Math.Min(room.Length, octets.Length);
            octets[..n].CopyTo(room);
            Take(n);
            octets = octets[n..];
        }
    }

    /// <summary>A literal of any octets.</summary>
    public void Literal(ReadOnlySpan<byte> octets)
    {
        LiteralHeader(octets.Length);
        Raw(octets);
    }

    /// <summary>The announcement; exactly this many octets must follow.</summary>
    public void LiteralHeader(long length)
    {
        Raw("{"u8);
        Number(length);
        Raw("}\r\n"u8);
    }

    public void Number(long value)
    {
        var room = Room(20);
        Utf8Formatter.TryFormat(value, room, out var n);
        Take(n);
    }

    /// <summary>A string constant of the program: ASCII without CR and LF.</summary>
    internal void Constant(string text)
    {
        var room = Room(text.Length);
        Ascii.FromUtf16(text, room, out var n);
        Take(n);
    }

    internal void Range(uint first, uint last)
    {
        Number(first);
        if (last == first)
            return;
        Raw(":"u8);
        Number(last);
    }

    internal void Set(UidSet set)
    {
        var first = true;
        foreach (var range in set.Ranges)
        {
            if (!first)
                Raw(","u8);
            first = false;
            Range(range.First, range.Last);
        }
    }

    /// <summary>A string: quoted where it can be, a literal where it holds CR, LF or NUL, or characters that this client doesn't take between quotes.</summary>
    internal void Quoted(string text)
    {
        var isAscii = !text.AsSpan().ContainsAnyExceptInRange(' ', '~');
        if (!isAscii && (!IsUtf8 || text.AsSpan().ContainsAny('\r', '\n', '\0')))
        {
            Literal(Encoding.UTF8.GetBytes(text));
            return;
        }

        Raw("\""u8);
        var special = text.AsSpan().ContainsAny('"', '\\');
        var escaped = special ? text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) : text;
        if (isAscii)
            Constant(escaped);
        else
            Raw(Encoding.UTF8.GetBytes(escaped));
        Raw("\""u8);
    }

    /// <summary>A mailbox name as a string, where the grammar has no place for an atom.</summary>
    internal void MailboxString(string name) => Quoted(IsUtf8 ? name : ModifiedUtf7.Encode(name));

    /// <summary>Human-readable text on one line: what is not printable ASCII becomes a question mark.</summary>
    internal void Human(string text)
    {
        var length = Math.Min(text.Length, 500);
        var room = Room(length);
        for (var i = 0; i < length; i++)
            room[i] = text[i] is >= ' ' and <= '~' ? (byte)text[i] : (byte)'?';
        Take(length);
    }

    /// <summary>A mailbox name in the client's form, as an atom where that is possible.</summary>
    internal void Mailbox(string name)
    {
        var wireName = IsUtf8 ? name : ModifiedUtf7.Encode(name);
        foreach (var c in wireName)
        {
            if (c is not (> ' ' and <= '~') || c is '(' or ')' or '{' or '%' or '*' or '"' or '\\' or ']')
            {
                Quoted(wireName);
                return;
            }
        }

        if (wireName.Length == 0 || wireName.Equals("NIL", StringComparison.OrdinalIgnoreCase))
            Quoted(wireName);
        else
            Constant(wireName);
    }

    /// <summary>Call between two messages of a long answer: waits while the client is slow.</summary>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public ValueTask FlushIfLargeAsync(CancellationToken ct) =>
        _written + _used < FlushThreshold ? ValueTask.CompletedTask : FlushAsync(ct);

    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public async ValueTask FlushAsync(CancellationToken ct)
    {
        Commit();
        _written = 0;
        if (!await wire.FlushAsync(ct))
            throw new OperationCanceledException("The client is gone");
    }

    /// <summary>Hands what was written to the pipe, which sends it when the next read has to wait. Needed before anyone else writes or TLS begins.</summary>
    public void Commit()
    {
        if (_used > 0)
            wire.Output.Advance(_used);
        _written += _used;
        _used = 0;
        _free = default;
    }

    private Span<byte> Room(int least)
    {
        if (_free.Length - _used < least)
        {
            Commit();
            _free = wire.Output.GetMemory(Math.Max(least, 256));
        }

        return _free.Span[_used..];
    }

    private void Take(int n) => _used += n;
}
