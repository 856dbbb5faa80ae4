using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Webmail.MailCore.Directory;

namespace Webmail.MailCore.Data.Configurations;

internal sealed class SecretConfiguration : IEntityTypeConfiguration<SecretRow>
{
    public void Configure(EntityTypeBuilder<SecretRow> builder)
    {
        builder.ToTable("secret", "directory");
        builder.HasKey(s => s.Name);
    }
}
