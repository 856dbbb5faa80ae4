using System.Text;
using CsCheck;
using Webmail.MailCore.Auth.Sasl;
using Webmail.Testing;

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

    private static readonly Gen<byte[]> Mutated = Fuzzing.Mutations(
        Corpus, "=", ",", "=2C", "=3D", "=2", "\0", "\u0001", "\u0001\u0001", "n=", "r=", "p=", "a=", "auth=", "Bearer ", "\u00ff", "AAAA");

    [Fact]
    public void SaysYesOrNo() => Fuzzing.Run(
        Mutated,
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
        20_000);

    [Fact]
    public void TooMuchIsRefused()
    {
        var much = new string('a', 20_000);
        Assert.Null(ScramClientFirst.TryRead(Encoding.ASCII.GetBytes($"n,,n={much},r=abc")));
        Assert.Null(ScramClientFirst.TryRead(Encoding.ASCII.GetBytes($"n,,n=a,r={much[..3000]}")));
        Assert.Null(OAuthBearer.Read(Encoding.ASCII.GetBytes($"n,,\u0001auth=Bearer {much}\u0001\u0001")));
        Assert.Null(XOAuth2.Read(Encoding.ASCII.GetBytes($"user=a@b.test\u0001auth=Bearer {much}\u0001\u0001")));
    }
}
