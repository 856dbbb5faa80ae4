using Webmail.Testing;
using Webmail.Testing.Transcripts;

namespace Webmail.Protocols.Tests;

/// <summary>
/// Plays every file of Transcripts/PROTOCOL/, in plain text and again over TLS in splits of one to three octets. The classes are many so that they run
/// side by side.
/// </summary>
public abstract class TranscriptTests(PostgresFixture postgres, string protocol, bool overTls) : IClassFixture<PostgresFixture>
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Transcripts");

    /// <summary>While working on one protocol or feature: TRANSCRIPTS=smtp/dots plays only the files whose names begin so.</summary>
    private static readonly string Only = Environment.GetEnvironmentVariable("TRANSCRIPTS") ?? "";

    /// <summary>The transcripts of a protocol.</summary>
    internal static IEnumerable<Transcript> All(string protocol) =>
        Directory.EnumerateFiles(Path.Combine(Folder, protocol), "*.txt").Select(path => Read(Path.GetRelativePath(Folder, path)));

    protected static TheoryData<string> Names(string protocol, bool overTls) => [.. Directory.EnumerateFiles(Path.Combine(Folder, protocol), "*.txt")
        .Select(path => Path.GetRelativePath(Folder, path)).Order(StringComparer.Ordinal)
        .Where(name => name.StartsWith(Only, StringComparison.Ordinal) && !(overTls && Read(name).OnlyPlain))];

    protected Task PlayAsync(string name) => TranscriptRunner.RunAsync(Read(name), protocol, overTls, postgres);

    private static Transcript Read(string name) => Transcript.Parse(name, File.ReadLines(Path.Combine(Folder, name)));
}

public sealed class ImapTranscripts(PostgresFixture postgres) : TranscriptTests(postgres, "imap", overTls: false)
{
    public static TheoryData<string> All() => Names("imap", overTls: false);

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public Task Plays(string name) => PlayAsync(name);
}

public sealed class ImapTranscriptsOverTls(PostgresFixture postgres) : TranscriptTests(postgres, "imap", overTls: true)
{
    public static TheoryData<string> All() => Names("imap", overTls: true);

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public Task Plays(string name) => PlayAsync(name);
}

public sealed class SmtpTranscripts(PostgresFixture postgres) : TranscriptTests(postgres, "smtp", overTls: false)
{
    public static TheoryData<string> All() => Names("smtp", overTls: false);

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public Task Plays(string name) => PlayAsync(name);
}

public sealed class SmtpTranscriptsOverTls(PostgresFixture postgres) : TranscriptTests(postgres, "smtp", overTls: true)
{
    public static TheoryData<string> All() => Names("smtp", overTls: true);

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public Task Plays(string name) => PlayAsync(name);
}

public sealed class SubmissionTranscripts(PostgresFixture postgres) : TranscriptTests(postgres, "submission", overTls: false)
{
    public static TheoryData<string> All() => Names("submission", overTls: false);

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public Task Plays(string name) => PlayAsync(name);
}

public sealed class SubmissionTranscriptsOverTls(PostgresFixture postgres) : TranscriptTests(postgres, "submission", overTls: true)
{
    public static TheoryData<string> All() => Names("submission", overTls: true);

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public Task Plays(string name) => PlayAsync(name);
}

public sealed class LmtpTranscripts(PostgresFixture postgres) : TranscriptTests(postgres, "lmtp", overTls: false)
{
    public static TheoryData<string> All() => Names("lmtp", overTls: false);

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public Task Plays(string name) => PlayAsync(name);
}

public sealed class LmtpTranscriptsOverTls(PostgresFixture postgres) : TranscriptTests(postgres, "lmtp", overTls: true)
{
    public static TheoryData<string> All() => Names("lmtp", overTls: true);

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public Task Plays(string name) => PlayAsync(name);
}

public sealed class Pop3Transcripts(PostgresFixture postgres) : TranscriptTests(postgres, "pop3", overTls: false)
{
    public static TheoryData<string> All() => Names("pop3", overTls: false);

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public Task Plays(string name) => PlayAsync(name);
}

public sealed class Pop3TranscriptsOverTls(PostgresFixture postgres) : TranscriptTests(postgres, "pop3", overTls: true)
{
    public static TheoryData<string> All() => Names("pop3", overTls: true);

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(All))]
    public Task Plays(string name) => PlayAsync(name);
}
