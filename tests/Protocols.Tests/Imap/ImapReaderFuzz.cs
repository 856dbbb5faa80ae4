using System.Text;
using CsCheck;
using Webmail.MailCore.Model;
using Webmail.Protocols.Imap;
using Webmail.Protocols.Imap.Commands;

namespace Webmail.Protocols.Tests.Imap;

/// <summary>Every command of every transcript, mutilated: the grammar says yes or no and never anything else, and whoever says yes has read to the end.</summary>
public sealed class ImapReaderFuzz
{
    private static readonly byte[][] Corpus =
    [
        .. Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Transcripts", "imap"), "*.txt")
            .SelectMany(File.ReadLines)
            .Where(static line => line.Contains("C: ", StringComparison.Ordinal) || line.Contains("C+ ", StringComparison.Ordinal))
            .Select(static line => line[(line.IndexOf('C', StringComparison.Ordinal) + 3)..].Replace("{{crlf}}", "\r\n", StringComparison.Ordinal))
            .Where(static line => line.Length < 2000)
            .Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly byte[][] Dictionary =
    [
        .. new[] { "(", ")", "((((((((((", "\"", "{5}\r\n", "{4294967296+}\r\n", "~{1}\r\n", "1:*", "4294967295", "99999999999999999999", "*", "%", "\\", "\\Seen", "[", "]", "<0.1>",
            "NIL", " ", "  ", "\r\n", "\0", "\u00ff", "NOT ", "OR ", "&", "&AAA-", "BODY[", "HEADER.FIELDS", "RETURN", "CHARSET", "UID " }.Select(Encoding.Latin1.GetBytes),
    ];

    private static readonly Gen<byte[]> Mutated =
        from start in Gen.Int[0, Corpus.Length - 1].Select(static i => Corpus[i])
        from edits in Gen.Select(Gen.Int[0, 2], Gen.Int[0, 10_000], Gen.OneOf(Gen.Int[0, Dictionary.Length - 1].Select(static i => Dictionary[i]), Gen.Byte.Array[1, 3])).Array[0, 6]
        select Apply(start, edits);

    [Fact]
    public void TheCorpusIsThere() => Assert.True(Corpus.Length > 200);

    [Fact]
    public void SaysYesOrNo() => Mutated.Sample(command => Run(command), iter: 10_000);

    private static void Run(byte[] command)
    {
        try
        {
            var reader = new ImapReader(command);
            reader.Tag();
            reader.Space();
            var entry = ImapCommands.Table.Find(ref reader);
            entry.Parse(ref reader);
            Assert.True(reader.IsAtEnd);
        }
        catch (SyntaxException)
        {
            // No.
        }
        catch (MailException e)
        {
            Assert.Equal(MailError.Invalid, e.Error);
        }
    }

    private static byte[] Apply(byte[] start, (int Kind, int At, byte[] With)[] edits)
    {
        var octets = start.ToList();
        foreach (var (kind, place, with) in edits)
        {
            var at = octets.Count == 0 ? 0 : place % octets.Count;
            if (kind != 1 && octets.Count > 0)
                octets.RemoveRange(at, Math.Min(kind + 1, octets.Count - at));
            if (kind != 0)
                octets.InsertRange(at, with);
        }

        return [.. octets];
    }
}
