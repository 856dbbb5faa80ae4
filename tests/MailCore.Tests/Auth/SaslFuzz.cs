using System.Text;
using CsCheck;
using Webmail.MailCore.Auth.Sasl;

namespace Webmail.MailCore.Tests.Auth;

/// <summary>Good messages of every mechanism, mutilated: each parser says yes or no and never anything else.</summary>
public sealed class SaslFuzz
{
    private static readonly byte[][] Corpus =
    [
        .. new[]
        {
            "\0tim\0tanstaaftanstaaf", "n,,n=user,r=rOprNGfwEbeRWgbNEkqO", "y,a=us=2Cer,n=us=2Cer,r=abc,x=y", "p=tls-exporter,,n=user,r=abc",
            "c=biws,r=abcdef,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=", "c=biws,r=abcdef,x=1,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            "n,a=user@example.com,\u0001host=server.example.com\u0001port=143\u0001auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\u0001\u0001",
            "user=a@b.test\u0001auth=Bearer x\u0001\u0001",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly byte[][] Dictionary =
        [.. new[] { "=", ",", "=2C", "=3D", "=2", "\0", "\u0001", "\u0001\u0001", "n=", "r=", "p=", "a=", "auth=", "Bearer ", "\u00ff", "AAAA" }.Select(Encoding.Latin1.GetBytes)];

    private static readonly Gen<byte[]> Mutated =
        from start in Gen.Int[0, Corpus.Length - 1].Select(static i => Corpus[i])
        from edits in Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1000], Gen.OneOf(Gen.Int[0, Dictionary.Length - 1].Select(static i => Dictionary[i]), Gen.Byte.Array[1, 3])).Array[0, 6]
        select edits.Aggregate(start, Apply);

    [Fact]
    public void SaysYesOrNo() => Mutated.Sample(
        message =>
        {
            Plain.Read(message);
            OAuthBearer.Read(message);
            XOAuth2.Read(message);
            if (ScramClientFirst.TryRead(message) is { } first)
                Assert.Equal(Encoding.UTF8.GetString(message), first.Header.Text + first.Bare);
            if (ScramClientFinal.TryRead(message) is { } final)
                Assert.StartsWith(final.WithoutProof + ",p=", Encoding.UTF8.GetString(message), StringComparison.Ordinal);
        },
        iter: 20_000);

    [Fact]
    public void TooMuchIsRefused()
    {
        var much = new string('a', 20_000);
        Assert.Null(ScramClientFirst.TryRead(Encoding.ASCII.GetBytes($"n,,n={much},r=abc")));
        Assert.Null(ScramClientFirst.TryRead(Encoding.ASCII.GetBytes($"n,,n=a,r={much[..3000]}")));
        Assert.Null(OAuthBearer.Read(Encoding.ASCII.GetBytes($"n,,\u0001auth=Bearer {much}\u0001\u0001")));
        Assert.Null(XOAuth2.Read(Encoding.ASCII.GetBytes($"user=a@b.test\u0001auth=Bearer {much}\u0001\u0001")));
    }

    private static byte[] Apply(byte[] octets, (int Kind, int At, byte[] What) edit)
    {
        var at = octets.Length == 0 ? 0 : edit.At % (octets.Length + 1);
        var end = Math.Min(octets.Length, at + edit.What.Length);
        return edit.Kind switch
        {
            0 => [.. octets[..at], .. edit.What, .. octets[at..]],
            1 => [.. octets[..at], .. octets[end..]],
            _ => [.. octets[..at], .. edit.What, .. octets[end..]],
        };
    }
}
