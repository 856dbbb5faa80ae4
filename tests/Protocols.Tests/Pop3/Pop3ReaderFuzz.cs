using CsCheck;
using Webmail.Protocols.Pop3;
using Webmail.Testing;

namespace Webmail.Protocols.Tests.Pop3;

/// <summary>Lines of POP3, mutilated: each is a command or a syntax error and never anything else.</summary>
public sealed class Pop3ReaderFuzz
{
    private static readonly Gen<byte[]> Lines = Fuzzing.Mutations(Fuzzing.Transcribed("pop3"), " ", "1", "-1", "2147483648", "PLAIN", "=", "\0", "\u00ff", "\u00c3\u00a4", "*");

    [Fact]
    public void IsReadOrRefused() => Fuzzing.Run(
        Lines,
        static line =>
        {
            var reader = new Pop3Reader(line);
            if (Pop3Commands.All.Find(reader.Keyword()) is not { } entry)
                return;
            try
            {
                entry.Parse(ref reader);
            }
            catch (Pop3SyntaxException)
            {
                // No.
            }
        },
        10_000);
}
