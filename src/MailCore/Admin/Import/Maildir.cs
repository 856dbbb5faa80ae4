using System.Text;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Admin.Import;

/// <summary>A Maildir with its Maildir++ subfolders (".Work.2024" beside cur and new).</summary>
internal static class Maildir
{
    /// <summary>The main folder first; empty: it is no Maildir.</summary>
    public static IReadOnlyList<MaildirFolder> Folders(string path)
    {
        if (!IsMaildir(path))
            return [];
        var folders = new List<MaildirFolder> { new(path, null) };
        foreach (var directory in System.IO.Directory.EnumerateDirectories(path, ".*").Order(StringComparer.Ordinal))
        {
            if (IsMaildir(directory) && NameOf(Path.GetFileName(directory)) is { } name)
                folders.Add(new(directory, name));
        }

        return folders;
    }

    private static bool IsMaildir(string path) => System.IO.Directory.Exists(Path.Combine(path, "cur")) && System.IO.Directory.Exists(Path.Combine(path, "new"));

    private static MailboxName? NameOf(string directory)
    {
        var levels = directory.TrimStart('.').Split('.').Select(level => ModifiedUtf7.Decode(level).Replace('/', '_'));
        return MailboxName.TryParse(string.Join(MailboxName.Separator, levels));
    }
}

/// <param name="name">Null: the main folder.</param>
internal sealed class MaildirFolder(string path, MailboxName? name)
{
    private readonly Dictionary<char, string> _keywords = ReadKeywords(Path.Combine(path, "dovecot-keywords"));

    public MailboxName? Name { get; } = name;

    /// <summary>The messages in the order of their names, which begin with the time of delivery.</summary>
    public IReadOnlyList<string> Files() =>
        [.. FilesIn("cur").Concat(FilesIn("new")).OrderBy(Path.GetFileName, StringComparer.Ordinal)];

    private IEnumerable<string> FilesIn(string directory) =>
        System.IO.Directory.EnumerateFiles(Path.Combine(path, directory)).Where(file => !Path.GetFileName(file).StartsWith('.'));

    /// <summary>The flags behind ":2," (or, where a file system has no colons, ";2," or "!2,").</summary>
    public (FlagSet Flags, IReadOnlyCollection<string> Keywords) FlagsOf(string file)
    {
        var flags = FlagSet.None;
        var keywords = new List<string>();
        var at = file.LastIndexOf("2,", StringComparison.Ordinal);
        if (at < 1 || file[at - 1] is not (':' or ';' or '!'))
            return (flags, keywords);
        foreach (var letter in file[(at + 2)..])
        {
            flags |= letter switch
            {
                'S' => FlagSet.Seen,
                'R' => FlagSet.Answered,
                'F' => FlagSet.Flagged,
                'T' => FlagSet.Deleted,
                'D' => FlagSet.Draft,
                _ => FlagSet.None,
            };
            if (letter == 'P')
                keywords.Add("$Forwarded");
            else if (_keywords.TryGetValue(letter, out var keyword))
                keywords.Add(keyword);
        }

        return (flags, keywords);
    }

    /// <summary>Dovecot's list: "0 $Junk" names the letter a.</summary>
    private static Dictionary<char, string> ReadKeywords(string path)
    {
        var keywords = new Dictionary<char, string>();
        if (!File.Exists(path))
            return keywords;
        foreach (var line in File.ReadLines(path, Encoding.UTF8).Take(26))
        {
            var words = line.Split(' ', 2);
            if (words.Length == 2 && int.TryParse(words[0], out var n) && n is >= 0 and < 26 && Usable([words[1].Trim()]) is [var keyword])
                keywords[(char)('a' + n)] = keyword;
        }

        return keywords;
    }

    /// <summary>Only what IMAP can say (RFC 9051 section 9: flag-keyword is an atom).</summary>
    public static IReadOnlyList<string> Usable(IEnumerable<string> keywords) =>
        [.. keywords.Where(k => k.Length is > 0 and <= 200 && k.All(c => c is > ' ' and < '\u007f' && !"(){%*\"\\]".Contains(c, StringComparison.Ordinal)))];
}

/// <summary>
/// One file of a Maildir. Received: the time in its name or the file's, whichever is earlier. Servers name a file by when they wrote it and set its time to when
/// the message was received (a message that was appended came long before); a copy of the directory may have lost the times of the files.
/// </summary>
internal sealed class MaildirMessage : IImportedMessage, IAsyncDisposable
{
    private readonly FileStream _file;
    private readonly ImportedLines _lines;

    public MaildirMessage(MaildirFolder folder, string path)
    {
        _file = File.OpenRead(path);
        _lines = new(_file);
        (Flags, Keywords) = folder.FlagsOf(Path.GetFileName(path));
        var written = new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero);
        Received = TimeOf(Path.GetFileName(path)) is { } named && named < written ? named : written;
    }

    public FlagSet Flags { get; }

    public IReadOnlyCollection<string> Keywords { get; }

    public DateTimeOffset? Received { get; }

    public ValueTask<ReadOnlyMemory<byte>> NextAsync(CancellationToken ct) => _lines.NextAsync(ct);

    public ValueTask DisposeAsync() => _file.DisposeAsync();

    /// <summary>Names begin with the seconds since 1970: from 1990 on they have nine or ten digits.</summary>
    private static DateTimeOffset? TimeOf(string name)
    {
        var digits = name.TakeWhile(char.IsAsciiDigit).Count();
        return digits is 9 or 10 && long.TryParse(name.AsSpan(0, digits), out var seconds) && seconds > 630_000_000 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
    }
}
