using System.Globalization;
using System.Text;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Admin.Import;

/// <summary>
/// Reads an mbox file (RFC 4155), message after message. A message begins at a "From " line that stands at the start or behind an empty line and ends in a
/// date with a time; the empty line in front of it isn't part of the message before. Quoting is undone as mboxrd has it: one '>' goes from ">From ",
/// ">>From " and so on, which is right for mboxo's ">From " too. Status, X-Status and X-Keywords (as Dovecot, mutt and Pine write them) and
/// X-Mozilla-Status (Thunderbird) give the flags.
/// </summary>
internal sealed class MboxReader(Stream file) : IImportedMessage
{
    private static readonly string[] DateForms = ["ddd MMM d HH:mm:ss yyyy", "ddd MMM d HH:mm yyyy", "ddd, d MMM yyyy HH:mm:ss", "d MMM yyyy HH:mm:ss"];

    private readonly ImportedLines _lines = new(file);
    private readonly List<string> _keywords = [];
    private readonly byte[] _held = new byte[2];
    private ReadOnlyMemory<byte> _waiting;
    private bool _holdsEmptyLine;
    private bool _inHeader;
    private bool _wasEmpty = true;
    private bool _startsNext;
    private byte[] _postmark = [];

    /// <summary>A message can be read.</summary>
    public bool HasMessage { get; private set; }

    /// <summary>Where its "From " line stands in the file.</summary>
    public long MessageStart { get; private set; }

    public FlagSet Flags { get; private set; }

    public IReadOnlyCollection<string> Keywords => _keywords;

    public DateTimeOffset? Received { get; private set; }

    /// <summary>Looks for the first message; false: this is no mbox. An empty file is one without messages.</summary>
    public async ValueTask<bool> BeginAsync(CancellationToken ct)
    {
        var line = await _lines.NextAsync(ct);
        while (line.Span.SequenceEqual("\r\n"u8))
            line = await _lines.NextAsync(ct);
        if (!line.IsEmpty && !line.Span.StartsWith("From "u8))
            return false;
        if (!line.IsEmpty)
            Start(line.Span);
        return true;
    }

    public async ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken ct)
    {
        if (!_waiting.IsEmpty)
            return TakeWaiting();
        if (_startsNext)
            BeginMessage();
        var line = await _lines.NextAsync(ct);
        if (line.IsEmpty)
        {
            HasMessage = false;
            return default;
        }

        if (_lines.StartsLine && _wasEmpty && IsPostmark(line.Span))
        {
            // The empty line that was held back belongs to this separator.
            _holdsEmptyLine = false;
            Start(line.Span);
            return default;
        }

        _wasEmpty = _lines.StartsLine && line.Span.SequenceEqual("\r\n"u8);
        var content = Content(line);
        if (_wasEmpty && !_inHeader)
            return await HoldAsync(content, ct);
        if (_wasEmpty)
            _inHeader = false;
        if (!_holdsEmptyLine)
            return content;
        _holdsEmptyLine = false;
        _waiting = content;
        return EmptyLine();
    }

    /// <summary>An empty line in the body waits for what follows it; one that waits already goes out.</summary>
    private async ValueTask<ReadOnlyMemory<byte>> HoldAsync(ReadOnlyMemory<byte> line, CancellationToken ct)
    {
        if (_holdsEmptyLine)
            return line;
        _holdsEmptyLine = true;
        return await NextAsync(ct);
    }

    private ReadOnlyMemory<byte> EmptyLine()
    {
        "\r\n"u8.CopyTo(_held);
        return _held;
    }

    private ReadOnlyMemory<byte> TakeWaiting()
    {
        var waiting = _waiting;
        _waiting = default;
        return waiting;
    }

    /// <summary>The facts of the message before stay until the first octets of this one are asked for.</summary>
    private void Start(ReadOnlySpan<byte> postmark)
    {
        _postmark = postmark.ToArray();
        MessageStart = _lines.Offset;
        HasMessage = true;
        _startsNext = true;
    }

    private void BeginMessage()
    {
        _startsNext = false;
        Received = DateOf(_postmark);
        Flags = FlagSet.None;
        _keywords.Clear();
        _inHeader = true;
        _wasEmpty = false;
    }

    private ReadOnlyMemory<byte> Content(ReadOnlyMemory<byte> line)
    {
        if (_inHeader && _lines.StartsLine)
            ReadFlags(line.Span);
        if (_inHeader || !_lines.StartsLine || line.Span[0] != '>')
            return line;
        var quotes = line.Span.IndexOfAnyExcept((byte)'>');
        return quotes > 0 && line.Span[quotes..].StartsWith("From "u8) ? line[1..] : line;
    }

    private void ReadFlags(ReadOnlySpan<byte> line)
    {
        var text = Encoding.Latin1.GetString(line[..Math.Min(line.Length, 1_000)]);
        if (text.StartsWith("Status:", StringComparison.OrdinalIgnoreCase) && text.Contains('R', StringComparison.Ordinal))
            Flags |= FlagSet.Seen;
        else if (text.StartsWith("X-Status:", StringComparison.OrdinalIgnoreCase))
            Flags |= Letters(text[9..]);
        else if (text.StartsWith("X-Mozilla-Status:", StringComparison.OrdinalIgnoreCase))
            Flags |= MozillaFlags(text[17..]);
        else if (text.StartsWith("X-Keywords:", StringComparison.OrdinalIgnoreCase))
            _keywords.AddRange(MaildirFolder.Usable(text[11..].Split([' ', '\t', '\r', '\n', ','], StringSplitOptions.RemoveEmptyEntries)));
    }

    private static FlagSet MozillaFlags(string hex)
    {
        var bits = int.TryParse(hex.Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var n) ? n : 0;
        return ((bits & 1) != 0 ? FlagSet.Seen : FlagSet.None) | ((bits & 2) != 0 ? FlagSet.Answered : FlagSet.None)
            | ((bits & 4) != 0 ? FlagSet.Flagged : FlagSet.None) | ((bits & 8) != 0 ? FlagSet.Deleted : FlagSet.None);
    }

    private static FlagSet Letters(string letters)
    {
        var flags = FlagSet.None;
        foreach (var letter in letters)
        {
            flags |= letter switch
            {
                'A' => FlagSet.Answered,
                'F' => FlagSet.Flagged,
                'D' => FlagSet.Deleted,
                'T' => FlagSet.Draft,
                'R' => FlagSet.Seen,
                _ => FlagSet.None,
            };
        }

        return flags;
    }

    /// <summary>"From sender date": the date tells it from a sentence that begins so.</summary>
    private static bool IsPostmark(ReadOnlySpan<byte> line) => line.StartsWith("From "u8) && DateOf(line) is not null;

    /// <summary>The date behind the sender, in UTC where no zone is given (RFC 4155), or null. Some writers put a zone before or behind the year.</summary>
    private static DateTimeOffset? DateOf(ReadOnlySpan<byte> postmark)
    {
        if (postmark.Length > 500)
            return null;
        var words = Encoding.Latin1.GetString(postmark).Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);
        var offset = TimeSpan.Zero;
        var dated = new List<string>();
        foreach (var word in words.Skip(1))
        {
            if (ZoneOf(word) is { } zone)
                offset = zone;
            else if (!(word.Length is 3 or 4 && word.All(char.IsAsciiLetterUpper)))
                dated.Add(word);
        }

        for (var first = 0; first < dated.Count; first++)
        {
            for (var count = Math.Min(5, dated.Count - first); count >= 4; count--)
            {
                if (DateTime.TryParseExact(string.Join(' ', dated.GetRange(first, count)), DateForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
                    && date.Year is > 1900 and < 9999)
                    return new DateTimeOffset(date, offset);
            }
        }

        return null;
    }

    /// <summary>"+0100".</summary>
    private static TimeSpan? ZoneOf(string word) =>
        word.Length == 5 && word[0] is ('+' or '-') && int.TryParse(word.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n is >= 0 and < 1400
            ? (word[0] == '-' ? -1 : 1) * new TimeSpan(n / 100, n % 100, 0)
            : null;
}
